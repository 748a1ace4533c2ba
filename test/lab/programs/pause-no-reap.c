/* A pause of the oldest kind (3.0): sleeps, ends on INT and TERM, and never waits for a child. */
#include <signal.h>
#include <unistd.h>

static void end(int signo) {
  (void)signo;
  _exit(0);
}

int main(void) {
  struct sigaction ending = {.sa_handler = end};
  if (sigaction(SIGINT, &ending, 0) || sigaction(SIGTERM, &ending, 0)) return 1;
  for (;;) pause();
}
