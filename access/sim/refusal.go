package sim

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
)

// refusal is an answer that says no: an AWS error code with its status.
type refusal struct {
	status  int
	code    string
	message string
	cluster string // named in the answer where the model has such a member
}

func refuse(status int, code, format string, args ...any) *refusal {
	return &refusal{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// The errors of the EKS model that the bench uses, with their modelled status.
func invalidParameter(format string, args ...any) *refusal {
	return refuse(http.StatusBadRequest, "InvalidParameterException", format, args...)
}

func invalidRequest(format string, args ...any) *refusal {
	return refuse(http.StatusBadRequest, "InvalidRequestException", format, args...)
}

func notFound(format string, args ...any) *refusal {
	return refuse(http.StatusNotFound, "ResourceNotFoundException", format, args...)
}

func inUse(format string, args ...any) *refusal {
	return refuse(http.StatusConflict, "ResourceInUseException", format, args...)
}

// write puts the refusal on the wire the way the service writes errors: EKS and
// the JSON services with the code in a header, IAM and STS in XML.
func (r *refusal) write(w http.ResponseWriter, service string) {
	id := uuid(service, r.code, r.message)
	w.Header().Set("X-Amzn-Requestid", id)
	if service == "iam" || service == "sts" {
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(r.status)
		_, _ = w.Write(r.xml(service, id))
		return
	}
	body := map[string]any{"message": r.message}
	if r.cluster != "" && strings.HasPrefix(r.code, "Resource") {
		body["clusterName"], body["nodegroupName"] = r.cluster, nil
	}
	if service != "eks" {
		body["__type"] = r.code // the JSON 1.1 protocol has no header for it
	}
	text, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-ErrorType", r.code)
	w.WriteHeader(r.status)
	_, _ = w.Write(text)
}

func (r *refusal) xml(service, id string) []byte {
	type errorBody struct {
		Type, Code, Message string
	}
	type errorAnswer struct {
		XMLName   xml.Name  `xml:"ErrorResponse"`
		Namespace string    `xml:"xmlns,attr"`
		Error     errorBody `xml:"Error"`
		RequestID string    `xml:"RequestId"`
	}
	blame := "Sender"
	if r.status >= 500 {
		blame = "Receiver"
	}
	text, err := xml.Marshal(errorAnswer{Namespace: xmlNamespace[service], Error: errorBody{blame, r.code, r.message}, RequestID: id})
	if err != nil {
		return []byte(err.Error())
	}
	return text
}
