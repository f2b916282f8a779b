// The models that AWS's first Go SDK carries judge the bench. They are 35 MB to
// download, so they stay out of the module that ships.
module github.com/eks-access/kubectl-eks-access/test/models

go 1.26.0

require (
	github.com/aws/aws-sdk-go v1.55.8
	github.com/eks-access/kubectl-eks-access v0.0.0
)

require (
	go.yaml.in/yaml/v2 v2.4.4 // indirect
	go.yaml.in/yaml/v3 v3.0.6 // indirect
	sigs.k8s.io/yaml v1.6.0 // indirect
)

replace github.com/eks-access/kubectl-eks-access => ../..
