package report

// Text is a text that was made for another program, line by line as a terminal may
// show it: what it says is in the text itself, byte for byte.
func Text(s string) []string { return block(s) }

// ExportForm says in a few words what a format of export is, "" of one that is new here.
func ExportForm(format string) string {
	return map[string]string{
		"terraform":      "resources of the aws and kubernetes providers, import blocks for what exists",
		"cloudformation": "a template of AWS::EKS::AccessEntry",
		"eksctl":         "a ClusterConfig: accessEntries, iamIdentityMappings",
		"aws-cli":        "a bash script: aws and kubectl in the plan's own order",
		"kubectl":        "manifests of the Kubernetes half",
		"ack":            "AccessEntry manifests of AWS Controllers for Kubernetes",
	}[format]
}
