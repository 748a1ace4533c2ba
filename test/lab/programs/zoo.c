/*
 * Every kind of bad (and good) behaviour an app container can show, chosen by its arguments:
 *
 *   zoo COMMAND [ARGUMENT] [-- COMMAND [ARGUMENT]]...
 *
 * The commands are carried out in order by the same process, which then sleeps for ever.
 *
 *   sleep              wait for ever, never for a child
 *   reaper             wait for ever, and for every child: a proper init
 *   ignore-chld        let the kernel reap (SIGCHLD ignored)
 *   delay MS           wait, then go on
 *   exit CODE          end
 *   rename HEX         become these bytes in /proc/PID/comm; children made later are called so too
 *   leak-init N        make N zombies, children of this process
 *   drip N MS          the same, one every MS milliseconds
 *   leak-below N       make a child that makes N zombies; reap properly oneself
 *   orphans N          make N processes that lose their parent, then end: zombies if PID 1 does not reap
 *   crowd N            make N living children
 *   threads N          make N living threads
 *   spin               use all the CPU time there is
 *   dead-leader        end the main thread while another lives: state Z, 2 threads
 *   dead-leader-below  make a child that does so; reap properly oneself
 *   child COMMAND...   carry out one command in a child, which then sleeps; go on
 *   leave              leave the IPC namespace for one of its own (takes CAP_SYS_ADMIN)
 *   hold-in PID        make a zombie in the PID namespace of that process, and hold it (takes CAP_SYS_ADMIN)
 *   trace PID          trace that process as a debugger does, and never wait for it (takes CAP_SYS_PTRACE)
 *   tree NODE          become this node of a tree of processes, see below
 *   nested COMMAND...  carry out all the rest as PID 1 of a PID namespace of its own; reap
 *
 * A node is a letter, a number (its name is n and the number) and its children in parentheses: s1(z2,r3(z4),oz5).
 *   s  sleeps and never waits      r  reaps every child        z  ends at once
 *   t  sleeps with two threads     d  a dead leader with a live thread
 *   c  makes a child now and then that ends at once, and waits for it a moment later
 * An o before a node gives it to PID 1: it is made by a process that ends at once.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what) {
  perror(what);
  _exit(70);
}

static void end(int signo) {
  (void)signo;
  _exit(0);
}

static void sleep_ms(long ms) {
  struct timespec left = {ms / 1000, ms % 1000 * 1000000};
  while (nanosleep(&left, &left) && errno == EINTR) {
  }
}

static void sleep_for_ever(void) {
  for (;;) pause();
}

static void reap_for_ever(void) {
  for (;;)
    if (wait(0) < 0) sleep_ms(20);
}

static pid_t forked(void) {
  pid_t pid = fork();
  if (pid < 0) fail("fork");
  return pid;
}

static void make_zombies(long count, long every_ms) {
  for (long i = 0; i < count; i++) {
    if (forked() == 0) _exit(0);
    if (every_ms) sleep_ms(every_ms);
  }
}

static void make_crowd(long count) {
  for (long i = 0; i < count; i++)
    if (forked() == 0) sleep_for_ever();
}

/* An orphan may only end once it was adopted: its zombie must be its new parent's, not the middle's. */
static void make_orphans(long count) {
  pid_t middle = forked();
  if (middle == 0) {
    pid_t self = getpid();
    for (long i = 0; i < count; i++)
      if (forked() == 0) {
        while (getppid() == self) sleep_ms(5);
        _exit(0);
      }
    _exit(0);
  }
  waitpid(middle, 0, 0);
}

static void spin_for_ever(void) {
  for (volatile unsigned long turns = 0;; turns++) {
  }
}

static void *live_on(void *nothing) {
  sleep_for_ever();
  return nothing;
}

static void make_threads(long count) {
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 16384);
  for (long i = 0; i < count; i++) {
    pthread_t thread;
    errno = pthread_create(&thread, &small, live_on, 0);
    if (errno) fail("pthread_create");
  }
}

static void die_as_leader(void) {
  make_threads(1);
  syscall(SYS_exit, 0);
}

static void rename_self(const char *hex) {
  char name[16] = {0};
  for (size_t i = 0; i < 15 && hex[2 * i] && hex[2 * i + 1]; i++) {
    char pair[3] = {hex[2 * i], hex[2 * i + 1], 0};
    name[i] = (char)strtol(pair, 0, 16);
  }
  prctl(PR_SET_NAME, name);
}

static void become(const char *node);

static void make_node(const char *node) {
  pid_t middle, self;
  if (*node != 'o') {
    if (forked() == 0) become(node);
    return;
  }
  middle = forked();
  if (middle == 0) {
    self = getpid();
    if (forked() != 0) _exit(0);
    while (getppid() == self) sleep_ms(2);
    become(node + 1);
  }
  waitpid(middle, 0, 0);
}

/* What comes after a node: a comma, a parenthesis, or the end. */
static const char *after_node(const char *at) {
  int depth = 0;
  for (; *at && (depth > 0 || (*at != ',' && *at != ')')); at++) depth += *at == '(' ? 1 : *at == ')' ? -1 : 0;
  return at;
}

static void become(const char *node) {
  char *rest, name[16];
  long number = strtol(node + 1, &rest, 10);
  const char *child = rest + 1;
  snprintf(name, sizeof name, "n%ld", number);
  prctl(PR_SET_NAME, name);
  while (*rest == '(' && *child && *child != ')') {
    make_node(child);
    child = after_node(child);
    if (*child == ',') child++;
  }
  if (*node == 'r') reap_for_ever();
  if (*node == 'z') _exit(0);
  if (*node == 't') make_threads(1);
  if (*node == 'd') die_as_leader();
  while (*node == 'c') {
    pid_t brief = forked();
    if (brief == 0) _exit(0);
    sleep_ms(3);
    waitpid(brief, 0, 0);
    /* A hundred of these must leave the machine able to do anything else. */
    sleep_ms(400);
  }
  sleep_for_ever();
}

static void run_chain(int count, char **words);
static void run_command(int count, char **words);

static void enter_namespace(int count, char **words) {
  /* Without CAP_SYS_ADMIN a user namespace of its own gives the right to make the other. */
  if (unshare(CLONE_NEWPID) && unshare(CLONE_NEWUSER | CLONE_NEWPID)) fail("unshare");
  if (forked() == 0) run_chain(count, words);
  reap_for_ever();
}

static void leave_namespace(void) {
  if (unshare(CLONE_NEWIPC)) fail("unshare");
}

/* Whoever is born after setns is in the other namespace; its parent stays outside. */
static void hold_zombie_in(const char *pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%s/ns/pid", pid);
  int namespace = open(path, O_RDONLY);
  if (namespace < 0 || setns(namespace, CLONE_NEWPID)) fail(path);
  make_zombies(1, 0);
}

static void trace(pid_t pid) {
  if (ptrace(PTRACE_SEIZE, pid, 0, 0)) fail("ptrace");
}

static void run_in_child(int count, char **words) {
  if (forked() != 0) return;
  run_command(count, words);
  sleep_for_ever();
}

static void run_command(int count, char **words) {
  const char *name = words[0];
  long first = count > 1 ? strtol(words[1], 0, 10) : 1;
  long second = count > 2 ? strtol(words[2], 0, 10) : 0;
  if (!strcmp(name, "sleep")) sleep_for_ever();
  else if (!strcmp(name, "reaper")) reap_for_ever();
  else if (!strcmp(name, "ignore-chld")) signal(SIGCHLD, SIG_IGN);
  else if (!strcmp(name, "delay")) sleep_ms(first);
  else if (!strcmp(name, "exit")) _exit(count > 1 ? (int)first : 0);
  else if (!strcmp(name, "rename") && count > 1) rename_self(words[1]);
  else if (!strcmp(name, "leak-init")) make_zombies(first, 0);
  else if (!strcmp(name, "drip")) make_zombies(first, second);
  else if (!strcmp(name, "orphans")) make_orphans(first);
  else if (!strcmp(name, "leave")) leave_namespace();
  else if (!strcmp(name, "hold-in") && count > 1) hold_zombie_in(words[1]);
  else if (!strcmp(name, "trace")) trace(first);
  else if (!strcmp(name, "crowd")) make_crowd(first);
  else if (!strcmp(name, "threads")) make_threads(first);
  else if (!strcmp(name, "spin")) spin_for_ever();
  else if (!strcmp(name, "dead-leader")) die_as_leader();
  else if (!strcmp(name, "tree") && count > 1) become(words[1]);
  else if (!strcmp(name, "child") && count > 1) run_in_child(count - 1, words + 1);
  else if (!strcmp(name, "leak-below")) {
    words[0] = "leak-init";
    run_in_child(count, words);
    reap_for_ever();
  } else if (!strcmp(name, "dead-leader-below")) {
    words[0] = "dead-leader";
    run_in_child(count, words);
    reap_for_ever();
  } else {
    fprintf(stderr, "zoo: no such command: %s\n", name);
    _exit(64);
  }
}

static void run_chain(int count, char **words) {
  while (count > 0) {
    int length = 0;
    if (!strcmp(words[0], "nested")) enter_namespace(count - 1, words + 1);
    while (length < count && strcmp(words[length], "--")) length++;
    if (length > 0) run_command(length, words);
    words += length + 1;
    count -= length + 1;
  }
  sleep_for_ever();
}

int main(int argc, char **argv) {
  /* PID 1 gets no signal it has no handler for: without these the container would not end on TERM. */
  struct sigaction ending = {.sa_handler = end};
  sigaction(SIGINT, &ending, 0);
  sigaction(SIGTERM, &ending, 0);
  run_chain(argc - 1, argv + 1);
}
