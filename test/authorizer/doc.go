// Package authorizer holds the judges of who can do what: the RBAC authorizer of
// Kubernetes with its rule resolver, upstream's Covers, and a real kube-apiserver.
// Nobody here wrote them. They answer about random worlds, and our Index must
// answer the same. It is a module of its own so that the plugin does not depend
// on k8s.io/kubernetes.
//
// A short run of fixed seeds is what `go test` does. The full one, a million
// requests over 10,000 worlds, and the fuzzer:
//
//	cd test/authorizer && go test -run TestJudgeCan -worlds 10000 -v .
//	cd test/authorizer && go test -run '^$' -fuzz FuzzJudgeCan .
//
// -seed takes another seed, -requests another number of requests per world. A
// difference is shrunk to the smallest world that still shows it, and printed.
package authorizer
