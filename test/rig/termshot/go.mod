module github.com/eks-access/kubectl-eks-access/test/rig/termshot

go 1.26.0

require (
	golang.org/x/image v0.47.0
	golang.org/x/text v0.43.0
)

require golang.org/x/sys v0.49.0 // indirect
