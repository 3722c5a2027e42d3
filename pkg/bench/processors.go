package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// spent is the processor time that each side had so far, in clock ticks of 10 ms.
type spent struct{ gateway, database, clients float64 }

// processors reads what the kernel counted for the gateway, for PostgreSQL with all its children, and for this process.
func (h *surroundings) processors(c *child) (spent, error) {
	var s spent
	var failed [3]error
	s.gateway, failed[0] = ticks(c.command.Process.Pid)
	s.clients, failed[1] = ticks(os.Getpid())
	for _, pid := range h.postgres.Pids() {
		one, err := ticks(pid)
		// it may have ended meanwhile
		if err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, syscall.ESRCH) {
			failed[2] = err
		}
		s.database += one
	}
	return s, errors.Join(failed[:]...)
}

// ticks are user and system time of a process and of its children that ended: fields 14 to 17 of proc(5) stat, counted
// behind the name.
func ticks(pid int) (float64, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	var sum float64
	for _, field := range fields[11:15] {
		one, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return 0, fmt.Errorf("stat of process %d: %w", pid, err)
		}
		sum += one
	}
	return sum, nil
}

// shares are the milliseconds that each side spent on one of n.
type shares struct{ gateway, database, clients series }

func (s *shares) add(before, after spent, n float64) {
	s.gateway = append(s.gateway, (after.gateway-before.gateway)*10/n)
	s.database = append(s.database, (after.database-before.database)*10/n)
	s.clients = append(s.clients, (after.clients-before.clients)*10/n)
}

func (s *shares) print(what string) {
	figure(what+" in the gateway", "%.2f", s.gateway)
	figure(what+" in PostgreSQL", "%.2f", s.database)
	figure(what+" in the clients", "%.2f", s.clients)
}
