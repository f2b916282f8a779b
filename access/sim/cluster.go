package sim

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"time"
)

// cluster is the state of one EKS cluster.
type cluster struct {
	name, account, region, version, platform, role string
	status                                         string
	mode                                           string
	creator                                        string
	created                                        time.Time
	tags                                           map[string]string
	endpoint                                       string
	ca                                             []byte
	entries                                        map[string]*history[*entry] // by principal ARN; nil: deleted
	pods                                           []PodIdentity
	updates                                        []*update
	store                                          *store
	authMap                                        bool // the world has an aws-auth
}

func (b *Bench) newCluster(w Cluster) *cluster {
	c := &cluster{
		name: w.Name, account: w.Account, region: w.Region, version: w.Version, platform: w.Platform,
		role: w.Role, status: w.Status, mode: w.Mode, creator: w.Creator, created: w.Created.UTC(),
		tags: maps.Clone(w.Tags), pods: slices.Clone(w.PodIdentities),
		entries: map[string]*history[*entry]{}, authMap: w.AWSAuth != nil,
	}
	if w.Created.IsZero() {
		c.created = longAgo
	}
	if c.version == "" {
		c.version = "1.33"
	}
	if c.platform == "" {
		c.platform = "eks.15"
	}
	if c.status == "" {
		c.status = "ACTIVE"
	}
	if c.role == "" {
		c.role = arn{partitionOf(c.region), "iam", "", c.account, "role/" + c.name + "-cluster"}.String()
	}
	c.endpoint = "https://" + c.hash() + ".gr7." + c.region + ".eks.amazonaws.com"
	if c.partition() == "aws-cn" {
		c.endpoint += ".cn"
	}
	for _, e := range w.Entries {
		b.seedEntry(c, e)
	}
	c.store = newStore(b.options.Now)
	c.store.seed(w)
	return c
}

func (c *cluster) partition() string { return partitionOf(c.region) }

func (c *cluster) arn() string {
	return arn{c.partition(), "eks", c.region, c.account, "cluster/" + c.name}.String()
}

// hash is the 32 hexadecimal digits of endpoint and issuer.
func (c *cluster) hash() string {
	return strings.ToUpper(strings.ReplaceAll(uuid(c.arn(), c.created.String()), "-", ""))
}

func (b *Bench) listClusters(x *exchange) (any, *refusal) {
	if no := x.caller.may("eks:ListClusters", arn{partitionOf(x.region), "eks", x.region, x.caller.arn.account, "cluster/*"}.String()); no != nil {
		return nil, no
	}
	size, no := b.pageSize(x.call.Query.Get("maxResults"), 100)
	if no != nil {
		return nil, no
	}
	names := []string{}
	for _, c := range b.clusters {
		if c.account == x.caller.arn.account && c.region == x.region {
			names = append(names, c.name)
		}
	}
	slices.Sort(names)
	names, next, no := pageOf(names, "ListClusters", x.call.Query.Get("nextToken"), size)
	if no != nil {
		return nil, no
	}
	return object{"clusters": names, "nextToken": orNull(next)}, nil
}

func (b *Bench) describeCluster(x *exchange) (any, *refusal) {
	c, no := b.cluster(x)
	if no != nil {
		if denied := x.caller.may("eks:DescribeCluster", arn{partitionOf(x.region), "eks", x.region, x.caller.arn.account, "cluster/" + x.path["name"]}.String()); denied != nil {
			return nil, denied // who may not ask does not learn that it is absent
		}
		return nil, no
	}
	if no := x.caller.may("eks:DescribeCluster", c.arn()); no != nil {
		return nil, no
	}
	return object{"cluster": c.describe()}, nil
}

func (c *cluster) describe() object {
	issuer := "https://oidc.eks." + c.region + ".amazonaws.com/id/" + c.hash()
	out := object{
		"name": c.name, "arn": c.arn(), "createdAt": epoch(c.created), "version": c.version,
		"endpoint": c.endpoint, "roleArn": c.role, "status": c.status, "platformVersion": c.platform,
		"certificateAuthority": object{"data": base64.StdEncoding.EncodeToString(c.ca)},
		"identity":             object{"oidc": object{"issuer": issuer}},
		"tags":                 tagsOf(c.tags),
		"health":               object{"issues": []any{}},
		"resourcesVpcConfig": object{
			"subnetIds": []string{}, "securityGroupIds": []string{}, "vpcId": "vpc-" + strings.ToLower(c.hash()[:17]),
			"endpointPublicAccess": true, "endpointPrivateAccess": false, "publicAccessCidrs": []string{"0.0.0.0/0"},
		},
		"kubernetesNetworkConfig": object{"serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv4"},
		"upgradePolicy":           object{"supportType": "EXTENDED"},
	}
	if c.mode != "" {
		// The creator's bootstrap flag is part of CreateCluster only; answers leave it out.
		out["accessConfig"] = object{"authenticationMode": c.mode}
	}
	return out
}

// describeClusterVersions serves eksctl, which asks before anything else.
func (b *Bench) describeClusterVersions(x *exchange) (any, *refusal) {
	if no := x.caller.may("eks:DescribeClusterVersions", "*"); no != nil {
		return nil, no
	}
	wanted := x.call.Query["clusterVersions"]
	list := []object{}
	for n, v := range []string{"1.34", "1.33", "1.32", "1.31"} {
		if len(wanted) > 0 && !slices.Contains(wanted, v) {
			continue
		}
		released := time.Date(2025, time.October, 2, 0, 0, 0, 0, time.UTC).AddDate(0, -4*n, 0)
		list = append(list, object{
			"clusterVersion": v, "clusterType": "eks", "defaultVersion": n == 0, "defaultPlatformVersion": "eks.9",
			"releaseDate": epoch(released), "endOfStandardSupportDate": epoch(released.AddDate(0, 14, 0)),
			"endOfExtendedSupportDate": epoch(released.AddDate(0, 26, 0)), "status": "standard-support",
			"versionStatus": "STANDARD_SUPPORT", "kubernetesPatchVersion": v + ".5",
		})
	}
	return object{"clusterVersions": list, "nextToken": nil}, nil
}

// epoch is a time as EKS writes it: seconds with a fraction, as a number.
func epoch(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// tagsOf shows no tags as {}, as captured answers do.
func tagsOf(tags map[string]string) map[string]string {
	if tags == nil {
		return map[string]string{}
	}
	return tags
}
