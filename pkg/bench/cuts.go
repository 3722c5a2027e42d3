package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// cutSize is that of the document whose downloads are cut: far more than buffers hold.
const cutSize = 64 << 20

// measureCuts withdraws at one replica what is being downloaded from another, and watches the reader's connection.
func measureCuts(ctx context.Context, h *surroundings, p plan) (failed error) {
	var replicas [2]*child
	for i := range replicas {
		c, err := h.serve(ctx)
		if err != nil {
			return err
		}
		defer func() { failed = errors.Join(failed, c.stop()) }()
		replicas[i] = c
	}
	d, err := h.people.deposit(ctx, replicas[0], "To be cut", bytesOf(cutSize), cutSize)
	if err != nil {
		return err
	}
	for _, kind := range []struct {
		name    string
		stalled bool
	}{{"a slow reader", false}, {"a stalled reader", true}} {
		var told, acknowledged, after series
		for range p.cuts {
			cut, err := h.cut(ctx, replicas, d.text("id"), kind.stalled)
			if err != nil {
				return fmt.Errorf("%s: %w", kind.name, err)
			}
			told = append(told, milliseconds(cut.reset.Sub(cut.asked)))
			acknowledged = append(acknowledged, max(0, milliseconds(cut.reset.Sub(cut.acknowledged))))
			after = append(after, float64(cut.after)/(1<<10))
		}
		spread("withdrawal sent to connection reset, "+kind.name+", other replica, ms", "%.1f", told)
		spread("withdrawal acknowledged to connection reset (0: before), "+kind.name+", ms", "%.1f", acknowledged)
		spread("bytes that "+kind.name+" still gets after the acknowledgement, KiB", "%.0f", after)
	}
	return nil
}

// severed is what happened to one download.
type severed struct {
	asked, acknowledged, reset time.Time
	after                      int64 // bytes read after the acknowledgement, to the end of all buffers
}

func (h *surroundings) cut(ctx context.Context, replicas [2]*child, document string, stalled bool) (severed, error) {
	request, err := h.people.grant(ctx, replicas[0], document)
	if err != nil {
		return severed{}, err
	}
	d, err := h.people.disclose(ctx, replicas[1], document)
	if err != nil {
		return severed{}, err
	}
	r, err := h.beginReading(replicas[1], d.text("id"))
	if err != nil {
		return severed{}, err
	}
	defer r.conn.Close()
	if !stalled {
		go r.slowly()
	}
	reset := make(chan time.Time, 1)
	go func() { reset <- r.awaitReset() }()
	out := severed{asked: time.Now()}
	if err := h.people.withdraw(ctx, replicas[0], request); err != nil {
		return severed{}, err
	}
	out.acknowledged = time.Now()
	before := r.count()
	out.reset = <-reset
	if out.reset.IsZero() {
		return severed{}, errors.New("the download was not cut within 5 s")
	}
	out.after = r.drain() - before
	return out, nil
}

// reader is one download on a connection of its own.
type reader struct {
	conn *net.TCPConn
	mu   sync.Mutex
	got  int64
	end  chan struct{}
}

// beginReading asks for the content and reads its first bytes.
func (h *surroundings) beginReading(at *child, disclosure string) (*reader, error) {
	token, err := h.people.token("staff.unoct")
	if err != nil {
		return nil, err
	}
	conn, err := net.Dial("tcp", at.address)
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintf(conn, "GET /api/v1/disclosures/%s/content HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer "+
		"%s\r\n\r\n", disclosure, at.address, token)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	buffered := bufio.NewReader(conn)
	status, err := buffered.ReadString('\n')
	if err != nil || status != "HTTP/1.1 200 OK\r\n" {
		return nil, errors.Join(fmt.Errorf("answer %q: %w", status, err), conn.Close())
	}
	r := &reader{conn: conn.(*net.TCPConn), end: make(chan struct{})}
	_, err = io.CopyN(io.Discard, buffered, 64<<10)
	return r, err
}

func (r *reader) count() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.got
}

// slowly takes about 6 MiB/s.
func (r *reader) slowly() {
	defer close(r.end)
	buffer := make([]byte, 64<<10)
	for {
		n, err := r.conn.Read(buffer)
		r.mu.Lock()
		r.got += int64(n)
		r.mu.Unlock()
		if err != nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// awaitReset asks the kernel whether the connection was reset, without reading. The zero time: not within 5 s.
func (r *reader) awaitReset() time.Time {
	raw, err := r.conn.SyscallConn()
	if err != nil {
		return time.Time{}
	}
	for began := time.Now(); time.Since(began) < 5*time.Second; time.Sleep(500 * time.Microsecond) {
		reset := false
		err := raw.Control(func(fd uintptr) {
			said, err := syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_ERROR)
			reset = err != nil || said != 0
		})
		if err != nil || reset || r.ended() {
			return time.Now()
		}
	}
	return time.Time{}
}

func (r *reader) ended() bool {
	select {
	case <-r.end:
		return true
	default:
		return false
	}
}

// drain reads whatever the kernel still holds, and answers how much was read in all.
func (r *reader) drain() int64 {
	n, _ := io.Copy(io.Discard, r.conn) // ends with the reset
	return r.count() + n
}
