// Command controlplane is a throw-away Kubernetes API in one process: etcd,
// kube-apiserver and the ClusterRole aggregation controller, on loopback only.
//
//	controlplane --dir DIR [--authenticate FILE] [--authorize FILE] [-- kube-apiserver flags]
//
// It writes DIR/kubeconfig (a member of system:masters), prints
// "READY DIR/kubeconfig" once /readyz answers ok and admin, edit and view have
// their rules, and ends on SIGTERM, SIGINT, or when its standard input closes:
// started through a pipe it cannot outlive who started it, however that one
// ends. With --remove it takes DIR with it; without, the same command with the same
// --port goes on where it ended. Logs go to standard error.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.etcd.io/etcd/server/v3/embed"
	genericapiserver "k8s.io/apiserver/pkg/server"
)

// settings is what the command line says.
type settings struct {
	dir          string
	port         int
	authenticate string // kubeconfig of a TokenReview v1 webhook
	authorize    string // kubeconfig of a SubjectAccessReview v1 webhook, asked after RBAC
	remove       bool
	more         []string
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("controlplane: ")
	var s settings
	flag.StringVar(&s.dir, "dir", "", "folder for all files (required)")
	flag.IntVar(&s.port, "port", 0, "secure port of the API; 0 takes a free one")
	flag.StringVar(&s.authenticate, "authenticate", "", "kubeconfig of a TokenReview v1 webhook")
	flag.StringVar(&s.authorize, "authorize", "", "kubeconfig of a SubjectAccessReview v1 webhook, asked when RBAC has no opinion")
	flag.BoolVar(&s.remove, "remove", false, "remove the folder when ending")
	flag.Parse()
	if s.dir == "" {
		log.Fatal("--dir is required")
	}
	s.more = flag.Args()
	err := run(s)
	// Nothing is kept, and an orderly shutdown of both servers takes seconds: exit as it stands.
	if s.remove {
		// etcd still writes, so one pass may find a folder that is no longer empty.
		for range 3 {
			if os.RemoveAll(s.dir) == nil {
				break
			}
		}
	}
	if err != nil {
		log.Fatal(err)
	}
}

func run(s settings) error {
	dir, err := filepath.Abs(s.dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	ctx := genericapiserver.SetupSignalContext() // may be called once only
	go func() {
		io.Copy(io.Discard, os.Stdin)
		genericapiserver.RequestShutdown()
	}()

	// A unix socket's path may have at most 107 bytes: not in dir.
	sock, err := os.MkdirTemp("", "cp")
	if err != nil {
		return err
	}
	defer os.RemoveAll(sock)
	client := "unix://" + filepath.Join(sock, "c")
	if err := startEtcd(filepath.Join(dir, "etcd"), client, "unix://"+filepath.Join(sock, "p")); err != nil {
		return err
	}
	if s.port == 0 {
		if s.port, err = freePort(); err != nil {
			return err
		}
	}
	token, args, err := flags(s, dir, client)
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, args) }()
	ready := make(chan error, 1)
	go func() { ready <- settle(ctx, dir, s.port, token) }()
	for {
		select {
		case err := <-ended:
			return fmt.Errorf("kube-apiserver ended: %w", err)
		case err := <-ready:
			if err != nil {
				return err
			}
			fmt.Println("READY", filepath.Join(dir, "kubeconfig"))
		case <-ctx.Done():
			return nil
		}
	}
}

func startEtcd(dir, client, peer string) error {
	e := embed.NewConfig()
	e.Name = "test"
	e.Dir = dir
	e.UnsafeNoFsync = true
	e.LogLevel = "error"
	e.ListenClientUrls = urls(client)
	e.ListenPeerUrls = urls(peer)
	// Must look like host:port, but a lone member never dials them.
	e.AdvertiseClientUrls = urls("http://localhost:1")
	e.AdvertisePeerUrls = urls("http://localhost:1")
	e.InitialCluster = e.InitialClusterFromName(e.Name)
	etcd, err := embed.StartEtcd(e)
	if err != nil {
		return err
	}
	<-etcd.Server.ReadyNotify()
	return nil
}

func urls(s string) []url.URL {
	u, err := url.Parse(s)
	if err != nil {
		panic(err) // we made it
	}
	return []url.URL{*u}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// flags makes the keys and the administrator's token, and the flags of
// kube-apiserver that name them. Those that an earlier run left in the folder are
// used again, so that its clients go on.
func flags(s settings, dir, etcd string) (token string, args []string, err error) {
	saKey, tokens := filepath.Join(dir, "sa.key"), filepath.Join(dir, "tokens.csv")
	if text, err := os.ReadFile(tokens); err == nil {
		token, _, _ = strings.Cut(string(text), ",")
	} else {
		token = randomToken()
		err := errors.Join(writeKey(saKey), os.WriteFile(tokens, []byte(token+`,admin,admin,"system:masters"`+"\n"), 0o600))
		if err != nil {
			return "", nil, err
		}
	}
	mode := "RBAC"
	if s.authenticate != "" {
		args = append(args, "--authentication-token-webhook-config-file="+s.authenticate, "--authentication-token-webhook-version=v1",
			"--authentication-token-webhook-cache-ttl=0s")
	}
	if s.authorize != "" {
		mode = "RBAC,Webhook"
		args = append(args, "--authorization-webhook-config-file="+s.authorize, "--authorization-webhook-version=v1",
			// 0 is refused here.
			"--authorization-webhook-cache-authorized-ttl=1ms", "--authorization-webhook-cache-unauthorized-ttl=1ms")
	}
	if !slices.ContainsFunc(s.more, func(f string) bool { return strings.HasPrefix(f, "--authorization-mode=") }) {
		args = append(args, "--authorization-mode="+mode) // a list, to which each flag would add
	}
	args = append(args,
		"--etcd-servers="+etcd,
		"--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--secure-port="+strconv.Itoa(s.port),
		// Endpoints may not be loopback addresses; an error every 10 s otherwise.
		"--endpoint-reconciler-type=none",
		"--cert-dir="+filepath.Join(dir, "certs"),
		"--token-auth-file="+tokens, "--anonymous-auth=false",
		"--service-account-issuer=https://control-plane.test",
		"--service-account-key-file="+saKey, "--service-account-signing-key-file="+saKey,
		"--service-cluster-ip-range=10.0.0.0/24",
		// Without kube-controller-manager no namespace gets its default
		// ServiceAccount, so this plug-in would refuse every Pod.
		"--disable-admission-plugins=ServiceAccount")
	return token, append(args, s.more...), nil
}
