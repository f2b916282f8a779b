// Package box is EKS in a box, and the tests that change it under a probe. A real
// kube-apiserver with etcd stands in the middle. Who logs in is decided as on EKS: the
// bench's access entries come first; for all others the aws-iam-authenticator, which
// nobody here wrote, reads the live aws-auth of that very API server and asks the bench's
// STS who signed a token. Who may do what is decided by the authorizers Node, RBAC, and
// the bench's access policies behind a webhook.
//
// It is a module of its own so that the plugin does not depend on the authenticator:
//
//	cd test/box && go test ./...
//
// The long runs, of an hour or so each, are
//
//	go test -run TestRandomWorlds -worlds 200 -timeout 3h -v
//	go test -run TestKilledInTheBox -kills 40 -timeout 3h -v
//	go test -run TestTheServerRestarts -restarts 4 -v
package box
