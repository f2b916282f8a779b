package rig

import (
	"k8s.io/client-go/rest"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// kubeconfig holds one cluster, one user and one context, all of the same name,
// as "aws eks update-kubeconfig" writes them.
func kubeconfig(name string, c *rest.Config) *clientcmdapi.Config {
	k := clientcmdapi.NewConfig()
	k.Clusters[name] = &clientcmdapi.Cluster{Server: c.Host, CertificateAuthorityData: c.CAData}
	k.CurrentContext = name
	addContext(k, name, name, c.BearerToken)
	return k
}

// addContext adds a user with a token and a context of the same name.
func addContext(k *clientcmdapi.Config, name, cluster, token string) {
	k.AuthInfos[name] = &clientcmdapi.AuthInfo{Token: token}
	k.Contexts[name] = &clientcmdapi.Context{Cluster: cluster, AuthInfo: name}
}
