// Package authenticator holds the judge of package awsauth: the code of the
// aws-iam-authenticator itself, which nobody here wrote. It is a module of its
// own so that the plugin does not depend on the authenticator. Run it with
//
//	cd test/authenticator && go test ./...
package authenticator
