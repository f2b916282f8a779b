//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// total is a line of apiserver_request_total with what tells requests apart.
var total = regexp.MustCompile(`^apiserver_request_total\{.*resource="([^"]*)".*subresource="([^"]*)",verb="([^"]*)".*\} (\d+)`)

// asked are the resources that we and the floor ask for. The API server asks itself
// for others all the time, and watches these.
var asked = []string{"namespaces", "configmaps", "roles", "clusterroles", "rolebindings", "clusterrolebindings",
	"selfsubjectreviews", "selfsubjectaccessreviews", "subjectaccessreviews"}

// requests is how many requests the API server has answered so far, of those that a
// reader may make: of RBAC's resources and of discovery.
func requests(ctx context.Context, cfg *rest.Config) (int, error) {
	client, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		return 0, err
	}
	text, err := client.RESTClient().Get().AbsPath("/metrics").DoRaw(ctx)
	if err != nil {
		return 0, fmt.Errorf("count requests: %w", err)
	}
	sum := 0
	for s := bufio.NewScanner(bytes.NewReader(text)); s.Scan(); {
		m := total.FindStringSubmatch(s.Text())
		if m == nil || m[3] == "WATCH" || !slices.Contains(asked, m[1]) && !strings.HasPrefix(m[2], "/api") && !strings.HasPrefix(m[2], "/openapi") {
			continue
		}
		n, err := strconv.Atoi(m[4])
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}
