package kube

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// builtin are the resource types of Kubernetes itself, group by group in the order in
// which an API server lists them, which decides between types of one name: plural,
// kind, scope, short names, subresources. A test holds it against a real server's
// discovery (test/stories).
const builtin = `
v1
  bindings Binding namespaced
  componentstatuses ComponentStatus cluster cs
  configmaps ConfigMap namespaced cm
  endpoints Endpoints namespaced ep
  events Event namespaced ev
  limitranges LimitRange namespaced limits
  namespaces Namespace cluster ns /finalize /status
  nodes Node cluster no /proxy /status
  persistentvolumeclaims PersistentVolumeClaim namespaced pvc /status
  persistentvolumes PersistentVolume cluster pv /status
  pods Pod namespaced po /attach /binding /ephemeralcontainers /eviction /exec /log /portforward /proxy /resize /status
  podtemplates PodTemplate namespaced
  replicationcontrollers ReplicationController namespaced rc /scale /status
  resourcequotas ResourceQuota namespaced quota /status
  secrets Secret namespaced
  serviceaccounts ServiceAccount namespaced sa /token
  services Service namespaced svc /proxy /status
apiregistration.k8s.io/v1
  apiservices APIService cluster /status
apps/v1
  controllerrevisions ControllerRevision namespaced
  daemonsets DaemonSet namespaced ds /status
  deployments Deployment namespaced deploy /scale /status
  replicasets ReplicaSet namespaced rs /scale /status
  statefulsets StatefulSet namespaced sts /scale /status
events.k8s.io/v1
  events Event namespaced ev
authentication.k8s.io/v1
  selfsubjectreviews SelfSubjectReview cluster
  tokenreviews TokenReview cluster
authorization.k8s.io/v1
  localsubjectaccessreviews LocalSubjectAccessReview namespaced
  selfsubjectaccessreviews SelfSubjectAccessReview cluster
  selfsubjectrulesreviews SelfSubjectRulesReview cluster
  subjectaccessreviews SubjectAccessReview cluster
autoscaling/v2
  horizontalpodautoscalers HorizontalPodAutoscaler namespaced hpa /status
batch/v1
  cronjobs CronJob namespaced cj /status
  jobs Job namespaced /status
certificates.k8s.io/v1
  certificatesigningrequests CertificateSigningRequest cluster csr /approval /status
networking.k8s.io/v1
  ingressclasses IngressClass cluster
  ingresses Ingress namespaced ing /status
  ipaddresses IPAddress cluster ip
  networkpolicies NetworkPolicy namespaced netpol
  servicecidrs ServiceCIDR cluster /status
policy/v1
  poddisruptionbudgets PodDisruptionBudget namespaced pdb /status
rbac.authorization.k8s.io/v1
  clusterrolebindings ClusterRoleBinding cluster
  clusterroles ClusterRole cluster
  rolebindings RoleBinding namespaced
  roles Role namespaced
storage.k8s.io/v1
  csidrivers CSIDriver cluster
  csinodes CSINode cluster
  csistoragecapacities CSIStorageCapacity namespaced
  storageclasses StorageClass cluster sc
  volumeattachments VolumeAttachment cluster /status
  volumeattributesclasses VolumeAttributesClass cluster vac
admissionregistration.k8s.io/v1
  mutatingadmissionpolicies MutatingAdmissionPolicy cluster
  mutatingadmissionpolicybindings MutatingAdmissionPolicyBinding cluster
  mutatingwebhookconfigurations MutatingWebhookConfiguration cluster
  validatingadmissionpolicies ValidatingAdmissionPolicy cluster /status
  validatingadmissionpolicybindings ValidatingAdmissionPolicyBinding cluster
  validatingwebhookconfigurations ValidatingWebhookConfiguration cluster
apiextensions.k8s.io/v1
  customresourcedefinitions CustomResourceDefinition cluster crd,crds /status
scheduling.k8s.io/v1
  priorityclasses PriorityClass cluster pc
coordination.k8s.io/v1
  leases Lease namespaced
node.k8s.io/v1
  runtimeclasses RuntimeClass cluster
discovery.k8s.io/v1
  endpointslices EndpointSlice namespaced
resource.k8s.io/v1
  deviceclasses DeviceClass cluster
  resourceclaims ResourceClaim namespaced /status
  resourceclaimtemplates ResourceClaimTemplate namespaced
  resourceslices ResourceSlice cluster
flowcontrol.apiserver.k8s.io/v1
  flowschemas FlowSchema cluster /status
  prioritylevelconfigurations PriorityLevelConfiguration cluster /status
`

// decided are types that no discovery lists: they are named in requests only to
// decide (Kubernetes "User impersonation", "Certificate signing requests", "Kubelet
// authorization").
const decided = `
v1
  users User cluster
  groups Group cluster
  nodes Node cluster /checkpoint /configz /healthz /log /metrics /pods /spec /stats
authentication.k8s.io/v1
  userextras UserExtra cluster
  uids UID cluster
certificates.k8s.io/v1
  signers Signer cluster
`

// added are types that most clusters add: the metrics server's.
const added = `
metrics.k8s.io/v1beta1
  nodes NodeMetrics cluster
  pods PodMetrics namespaced
`

// lists reads a table.
func lists(table string) []*metav1.APIResourceList {
	var out []*metav1.APIResourceList
	for line := range strings.SplitSeq(strings.Trim(table, "\n"), "\n") {
		words := strings.Fields(line)
		if len(words) == 1 {
			out = append(out, &metav1.APIResourceList{GroupVersion: words[0]})
			continue
		}
		last := out[len(out)-1] // a table begins with a group
		r := metav1.APIResource{Name: words[0], SingularName: strings.ToLower(words[1]), Kind: words[1], Namespaced: words[2] == "namespaced"}
		for _, w := range words[3:] {
			if sub, ok := strings.CutPrefix(w, "/"); ok {
				last.APIResources = append(last.APIResources, metav1.APIResource{Name: r.Name + "/" + sub, Namespaced: r.Namespaced})
			} else {
				r.ShortNames = strings.Split(w, ",")
			}
		}
		last.APIResources = append(last.APIResources, r)
	}
	return out
}

// groupsOf are the groups of lists, in their order.
func groupsOf(lists []*metav1.APIResourceList) []*metav1.APIGroup {
	var out []*metav1.APIGroup
	for _, l := range lists {
		name, version, ok := strings.Cut(l.GroupVersion, "/")
		if !ok {
			name, version = "", l.GroupVersion
		}
		v := metav1.GroupVersionForDiscovery{GroupVersion: l.GroupVersion, Version: version}
		i := slices.IndexFunc(out, func(g *metav1.APIGroup) bool { return g.Name == name })
		if i < 0 {
			out = append(out, &metav1.APIGroup{Name: name, PreferredVersion: v, Versions: []metav1.GroupVersionForDiscovery{v}})
			continue
		}
		out[i].Versions = append(out[i].Versions, v)
	}
	return out
}
