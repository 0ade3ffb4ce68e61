/*
 * Starts one program and stays its parent until it ends: a minimal init, as tini and catatonit are.
 *
 *   init COMMAND [ARGUMENT...]
 *     The entrypoint of an image. Passes signals on to the program and exits as it does.
 *
 *   init --child-of PID [--daemon] COMMAND [ARGUMENT...]
 *     Between the adapter and a model server. Ends everything the program started once process PID, its parent, ends;
 *     leaves signals to that process. Whether the program could be run is told through file descriptor 3: closed
 *     without a byte when it runs, else the number of the error. With --daemon, a program that exits with code 0 has
 *     gone on in the background: init then stays as long as anything of it runs.
 *
 * Either way it reaps what others leave behind: orphans come to process 1, or to the nearest subreaper above them
 * (prctl(2), PR_SET_CHILD_SUBREAPER). The program ends with it (PR_SET_PDEATHSIG).
 *
 * Statically linked with musl, by ./build; it needs no file, no privilege and no memory to speak of.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { status_descriptor = 3 };

static pid_t parent; /* 0 as an entrypoint */
static int daemon_expected;
static sigset_t waited_for, given;

static void complain(const char *what, const char *which, const char *why) {
  const char *words[] = {"init: ", what, which, ": ", why, "\n"};
  for (unsigned i = 0; i < sizeof words / sizeof *words; i++) write(STDERR_FILENO, words[i], strlen(words[i]));
}

static void run(char **command) {
  pid_t init = getppid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != init) _exit(1);
  /* A terminal sends Ctrl-C to a whole group: the program gets it once, from init. */
  if (!parent) setpgid(0, 0);
  sigprocmask(SIG_SETMASK, &given, NULL);
  if (parent) fcntl(status_descriptor, F_SETFD, FD_CLOEXEC);
  execvp(command[0], command);
  int error = errno;
  if (parent) write(status_descriptor, &error, sizeof error);
  else complain("cannot run ", command[0], strerror(error));
  _exit(error == ENOENT ? 127 : 126);
}

/* Kills every process below this one. Those whose parent dies become children of this one, and are next. */
static void end_all(void) {
  do {
    char list[4096];
    int children = open("/proc/thread-self/children", O_RDONLY);
    ssize_t length = children < 0 ? -1 : read(children, list, sizeof list - 1);
    /* Without the list, the process group is what there is; this process is in it. */
    if (length < 0) kill(0, SIGKILL);
    list[length] = '\0';
    close(children);
    char *next = list;
    for (long pid; (pid = strtol(next, &next, 10)) > 0 && *next == ' ';) kill(pid, SIGKILL);
  } while (waitpid(-1, NULL, 0) > 0 || errno == EINTR);
  exit(0);
}

/* Ends as the program did, so that the parent sees the same. Process 1 cannot die of a signal of its own. */
static void end_as(int status) {
  if (WIFEXITED(status)) exit(WEXITSTATUS(status));
  int number = WTERMSIG(status);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, number);
  prctl(PR_SET_DUMPABLE, 0);
  sigprocmask(SIG_UNBLOCK, &signals, NULL);
  raise(number);
  exit(128 + number);
}

static void reap(pid_t program) {
  static int in_background;
  int status;
  pid_t ended;
  while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
    if (ended != program) continue;
    in_background = daemon_expected && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!in_background) end_as(status);
  }
  if (ended < 0 && in_background) exit(0);
}

int main(int count, char **arguments) {
  char **command = arguments + 1;
  if (count > 3 && !strcmp(command[0], "--child-of")) {
    parent = atoi(command[1]);
    command += 2;
    if (!strcmp(command[0], "--daemon")) {
      daemon_expected = 1;
      command++;
    }
  }
  if (!command[0]) {
    complain("cannot run ", "nothing", "give it a command");
    return 2;
  }
  /* Faults of its own stay deadly. All other signals wait until asked for: blocked, they reach even process 1. */
  sigfillset(&waited_for);
  int faults[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP};
  for (unsigned i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&waited_for, faults[i]);
  sigprocmask(SIG_BLOCK, &waited_for, &given);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  if (parent) prctl(PR_SET_PDEATHSIG, SIGTERM);

  pid_t program = fork();
  if (program < 0) {
    complain("cannot start ", command[0], strerror(errno));
    return 1;
  }
  if (program == 0) run(command);
  if (parent) close(status_descriptor);
  for (;;) {
    /* The parent may have ended before its end was asked for. */
    if (parent && getppid() != parent) end_all();
    int number = sigwaitinfo(&waited_for, NULL);
    if (number == SIGCHLD) reap(program);
    /* Node.js knows no real-time signals, by which some images are stopped. */
    else if (number > 0 && !parent) kill(program, number >= SIGRTMIN ? SIGTERM : number);
  }
}
