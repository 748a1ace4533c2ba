/** The path of a program, as it was when the program was started. */

/** Takes off what the kernel adds to /proc/PID/exe (proc_pid_exe(5)) once the file is gone or another took its place. */
export function programPath(exe: string): string {
  return exe.replace(/ \(deleted\)$/, '');
}
