// Command kubectl-eks_access is the kubectl plugin "kubectl eks-access": it shows
// who can do what in an EKS cluster and changes it without locking anyone out.
package main

import (
	"os"

	"github.com/eks-access/kubectl-eks-access/cmd"
)

func main() { os.Exit(cmd.Main(os.Args[1:])) }
