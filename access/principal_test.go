package access

import "testing"

func TestParsePrincipal(t *testing.T) {
	for name, tc := range map[string]struct{ in, id, canonical string }{
		"role with path":      {"arn:aws:iam::111122223333:role/team/dev", "role/111122223333/dev", "arn:aws:iam::111122223333:role/dev"},
		"assumed role":        {"arn:aws:sts::111122223333:assumed-role/dev/alice", "role/111122223333/dev", "arn:aws:iam::111122223333:role/dev"},
		"letter case":         {"arn:aws:iam::111122223333:role/Dev", "role/111122223333/dev", "arn:aws:iam::111122223333:role/Dev"},
		"user keeps its path": {"arn:aws:iam::111122223333:user/ops/bob", "user/111122223333/bob", "arn:aws:iam::111122223333:user/ops/bob"},
		"root":                {"arn:aws-cn:iam::111122223333:root", "root/111122223333/root", "arn:aws-cn:iam::111122223333:root"},
		"account":             {"111122223333", "account/111122223333", "111122223333"},
		"sso, region in path": {"arn:aws:iam::111222333444:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_A_B_6a316cc66d154241", "role/111222333444/awsreservedsso_a_b_6a316cc66d154241", "arn:aws:iam::111222333444:role/AWSReservedSSO_A_B_6a316cc66d154241"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := ParsePrincipal(tc.in)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.ID(); got != tc.id {
				t.Errorf("ID() = %q, want %q", got, tc.id)
			}
			if got := p.Canonical(); got != tc.canonical {
				t.Errorf("Canonical() = %q, want %q", got, tc.canonical)
			}
		})
	}
}

func TestParsePrincipalRefuses(t *testing.T) {
	for name, in := range map[string]string{
		"empty": "", "garbage": "dev", "group": "arn:aws:iam::111122223333:group/devs", "policy": "arn:aws:iam::111122223333:policy/p",
		"no name": "arn:aws:iam::111122223333:role/", "path only": "arn:aws:iam::111122223333:role/team/", "short account": "arn:aws:iam::1111:role/dev",
		"trailing newline": "arn:aws:iam::111122223333:role/dev\n",
	} {
		t.Run(name, func(t *testing.T) {
			p, err := ParsePrincipal(in)
			if err == nil || p.Kind != UnknownPrincipal || p.ARN != in {
				t.Errorf("got %+v, %v; want an error and the text kept", p, err)
			}
		})
	}
}

func TestPermissionSetSplitsAtTheLastUnderscore(t *testing.T) {
	p, _ := ParsePrincipal("arn:aws:iam::111222333444:role/AWSReservedSSO_EKS_Cluster_Admin_6a316cc66d154241")
	if got := p.PermissionSet(); got != "EKS_Cluster_Admin" {
		t.Errorf("got %q", got)
	}
}
