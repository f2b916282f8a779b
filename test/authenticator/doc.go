// Package authenticator holds the judge of package awsauth and of access.Resolve:
// the code of the aws-iam-authenticator itself, which nobody here wrote. It is a
// module of its own so that the plugin does not depend on the authenticator. Run it
// with
//
//	cd test/authenticator && go test ./...
//
// which judges seeded texts for a few seconds. The long runs are
//
//	go test -run TestJudgeResolve -worlds 100000 -seed 7 -timeout 2h
//	go test -run TestJudgeRandom -texts 100000 -seed 7
//
// Fuzzing by `go test -fuzz` works, but instruments the whole AWS SDK for EC2 first,
// which takes minutes and gigabytes. So:
//
//	of='=-d=libfuzzer'
//	go test -c -o judge.test -gcflags="github.com/eks-access/...$of" -gcflags="sigs.k8s.io/...$of" -gcflags="go.yaml.in/...$of" .
//	./judge.test -test.run xxx -test.fuzz FuzzJudgeResolve -test.fuzzcachedir /tmp/judge -test.fuzzminimizetime 5x -test.fuzztime 10m
package authenticator
