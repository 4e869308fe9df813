// Go: a bounded queue and one goroutine; the caller never waits, never fails.
// Nothing to install: `go run examples/notify.go`.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"
)

const (
	queueSize   = 500
	tries       = 4
	each        = 10 * time.Second
	longestWait = time.Minute
)

// Field is a named value that is shown beside others.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Event is what happened; the API knows more keys than these.
type Event struct {
	Type     string  `json:"type"`
	Title    string  `json:"title"`
	Message  string  `json:"message,omitempty"`
	Severity string  `json:"severity,omitempty"`
	Fields   []Field `json:"fields,omitempty"`
}

// Teller sends what is posted, in order. One goroutine posts and closes.
type Teller struct {
	url, key string
	queue    chan Event
	stop     context.CancelFunc
	done     chan struct{}
}

// New starts the goroutine that sends.
func New(url, key string) *Teller {
	ctx, stop := context.WithCancel(context.Background())
	t := &Teller{url, key, make(chan Event, queueSize), stop, make(chan struct{})}
	go func() {
		defer close(t.done)
		for event := range t.queue {
			if err := t.send(ctx, event); err != nil {
				log.Printf("not told: %v", err)
			}
		}
	}()
	return t
}

// Post queues an event; false when the queue is full and it was dropped.
func (t *Teller) Post(event Event) bool {
	select {
	case t.queue <- event:
		return true
	default:
		log.Print("not told: the queue is full")
		return false
	}
}

// Close sends what is left, as long as patience lasts.
func (t *Teller) Close(patience time.Duration) {
	close(t.queue)
	defer time.AfterFunc(patience, t.stop).Stop()
	<-t.done
}

// All tries have one key: nothing is told twice.
func (t *Teller) send(ctx context.Context, event Event) error {
	body, err := json.Marshal(event)
	if err != nil {
		return err
	}
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		return err
	}
	for attempt := 0; ; attempt++ {
		wait, err := t.try(ctx, body, hex.EncodeToString(id[:]))
		if err == nil || wait < 0 || attempt+1 == tries {
			return err
		}
		wait = min(max(wait, time.Second<<attempt), longestWait)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return err
		}
	}
}

// How long the server wants us to wait; negative when another try is of no use.
func (t *Teller) try(ctx context.Context, body []byte, id string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, each)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "POST", t.url+"/v1/events", bytes.NewReader(body))
	if err != nil {
		return -1, err
	}
	request.Header.Set("Authorization", "Bearer "+t.key)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", id)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode < 300:
		return 0, nil
	case answer.StatusCode == 429 || answer.StatusCode >= 500:
		seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After"))
		return time.Duration(seconds) * time.Second, fmt.Errorf("HTTP %d", answer.StatusCode)
	default:
		return -1, fmt.Errorf("HTTP %d", answer.StatusCode)
	}
}

func main() {
	url, key := os.Getenv("TOCSIN_URL"), os.Getenv("TOCSIN_KEY")
	if url == "" || key == "" {
		log.Print("not told: set TOCSIN_URL and TOCSIN_KEY")
		return
	}
	teller := New(url, key)
	teller.Post(Event{
		Type:     "feed.caught_up",
		Title:    "The price feed has caught up",
		Severity: "success",
		Fields:   []Field{{"Behind", "0 s"}},
	})
	teller.Close(15 * time.Second)
}
