/* Between a process and its disk: records what it does to the files below FAULTS_ROOT into the file
 * FAULTS_JOURNAL, in the order in which it happens, and fails operations when it is told to.
 *
 * For LD_PRELOAD. One operation at a time, so that the journal's order is the true one. What is
 * not wrapped here (writev, link, mappings, ...) is not seen; the tests compare the journal with
 * the folder that came of it, and would notice.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *root;
static int journal = -1;
static long done, fail_from, fail_to, failed;
static int fail_with;
static char fail_kind[16];
static const char *failed_last = "";

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("FAULTS_JOURNAL");
    root = getenv("FAULTS_ROOT");
    if (path)
        journal = REAL(open64)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* -- for the tests, by ctypes */

/* Fail the operations number `from` to `to` - 1 of this kind, or of any if it is empty, counted from 1
 * and from now on, with an errno. */
void faults_arm(const char *kind, long from, long to, int error)
{
    pthread_mutex_lock(&lock);
    snprintf(fail_kind, sizeof fail_kind, "%s", kind);
    done = failed = 0, fail_from = from, fail_to = to, fail_with = error;
    pthread_mutex_unlock(&lock);
}

void faults_disarm(void)
{
    pthread_mutex_lock(&lock);
    fail_to = 0;
    pthread_mutex_unlock(&lock);
}

/* Between the two, whoever would change a file waits. */
void faults_freeze(void) { pthread_mutex_lock(&lock); }
void faults_thaw(void) { pthread_mutex_unlock(&lock); }

long faults_failed(void) { return failed; }
const char *faults_failed_last(void) { return failed_last; }

static void note(const char *text, const void *data, size_t size)
{
    if (journal < 0)
        return;
    if (REAL(write)(journal, text, strlen(text)) < 0 || (size && REAL(write)(journal, data, size) < 0))
        abort();
}

/* Write a line of the test's own into the journal. */
void faults_mark(const char *text)
{
    char line[4096];
    snprintf(line, sizeof line, "mark %s\n", text);
    pthread_mutex_lock(&lock);
    note(line, NULL, 0);
    pthread_mutex_unlock(&lock);
}

/* -- what is ours, and whether it fails */

static int ours(const char *path) { return root && strncmp(path, root, strlen(root)) == 0; }

static int ours_open(int fd, char *path)
{
    char link[64];
    ssize_t size;
    if (!root)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    size = readlink(link, path, PATH_MAX - 1);
    if (size < 0)
        return 0;
    path[size] = 0;
    return ours(path);
}

static int fails(const char *kind)
{
    if (*fail_kind && strcmp(kind, fail_kind))
        return 0;
    done++;
    if (done < fail_from || done >= fail_to)
        return 0;
    failed++, failed_last = kind;
    errno = fail_with;
    return 1;
}

static unsigned long inode(int fd)
{
    struct stat found;
    return fstat(fd, &found) ? 0 : found.st_ino;
}

#define LINE (2 * PATH_MAX + 100)
#define NOTE(...) (snprintf(line, LINE, __VA_ARGS__), note(line, NULL, 0))

/* -- the calls */

static int open_any(const char *name, const char *path, int flags, mode_t mode)
{
    int (*next)(const char *, int, ...) = real(name);
    char line[LINE];
    int fd, fresh;
    if (!(flags & (O_CREAT | O_TRUNC)) || !ours(path))
        return next(path, flags, mode);
    pthread_mutex_lock(&lock);
    fresh = access(path, F_OK) != 0;
    if ((fresh || flags & O_TRUNC) && fails("create")) {
        fd = -1;
    } else {
        fd = next(path, flags, mode);
        if (fd >= 0 && fresh)
            NOTE("create %lu %s\n", inode(fd), path);
        else if (fd >= 0 && flags & O_TRUNC)
            NOTE("truncate %lu 0\n", inode(fd));
    }
    pthread_mutex_unlock(&lock);
    return fd;
}

#define MODE(flags, mode)                   \
    mode_t mode = 0;                        \
    if ((flags) & O_CREAT) {                \
        va_list arguments;                  \
        va_start(arguments, flags);         \
        mode = va_arg(arguments, mode_t);   \
        va_end(arguments);                  \
    }

int open(const char *path, int flags, ...)
{
    MODE(flags, mode)
    return open_any("open", path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    MODE(flags, mode)
    return open_any("open64", path, flags, mode);
}

/* A write that fails has written half. */
static ssize_t write_any(int fd, const void *data, size_t size, off64_t offset, int moves)
{
    char line[LINE];
    ssize_t written;
    pthread_mutex_lock(&lock);
    int broken = fails("write"), error = errno;
    size_t part = broken ? size / 2 : size;
    if (moves)
        offset = lseek64(fd, 0, SEEK_CUR);
    written = moves ? REAL(write)(fd, data, part) : REAL(pwrite64)(fd, data, part, offset);
    if (written >= 0) {
        snprintf(line, LINE, "write %lu %lld %zd\n", inode(fd), (long long)offset, written);
        note(line, data, (size_t)written);
    }
    if (broken)
        errno = error, written = -1;
    pthread_mutex_unlock(&lock);
    return written;
}

ssize_t write(int fd, const void *data, size_t size)
{
    char path[PATH_MAX];
    return ours_open(fd, path) ? write_any(fd, data, size, 0, 1) : REAL(write)(fd, data, size);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
    char path[PATH_MAX];
    return ours_open(fd, path) ? write_any(fd, data, size, offset, 0) : REAL(pwrite64)(fd, data, size, offset);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset) { return pwrite64(fd, data, size, offset); }

int ftruncate64(int fd, off64_t size)
{
    char path[PATH_MAX], line[LINE];
    int result = -1;
    if (!ours_open(fd, path))
        return REAL(ftruncate64)(fd, size);
    pthread_mutex_lock(&lock);
    if (!fails("truncate") && (result = REAL(ftruncate64)(fd, size)) == 0)
        NOTE("truncate %lu %lld\n", inode(fd), (long long)size);
    pthread_mutex_unlock(&lock);
    return result;
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

static int sync_any(const char *name, int fd)
{
    int (*next)(int) = real(name), result = -1;
    char path[PATH_MAX], line[LINE];
    struct stat found;
    if (!ours_open(fd, path))
        return next(fd);
    pthread_mutex_lock(&lock);
    if (!fails("sync") && (result = next(fd)) == 0) {
        if (fstat(fd, &found) == 0 && S_ISDIR(found.st_mode))
            NOTE("sync_folder %s\n", path);
        else
            NOTE("sync %lu\n", inode(fd));
    }
    pthread_mutex_unlock(&lock);
    return result;
}

int fsync(int fd) { return sync_any("fsync", fd); }
int fdatasync(int fd) { return sync_any("fdatasync", fd); }

#define NAMING(kind, next, ...)                  \
    char line[LINE];                             \
    int result = -1;                             \
    if (!ours(path))                             \
        return next;                             \
    pthread_mutex_lock(&lock);                   \
    if (!fails(kind) && (result = next) == 0)    \
        NOTE(__VA_ARGS__);                       \
    pthread_mutex_unlock(&lock);                 \
    return result;

int rename(const char *path, const char *target)
{
    NAMING("rename", REAL(rename)(path, target), "rename %s %s\n", path, target)
}

int unlink(const char *path) { NAMING("unlink", REAL(unlink)(path), "unlink %s\n", path) }

int mkdir(const char *path, mode_t mode) { NAMING("mkdir", REAL(mkdir)(path, mode), "mkdir %s\n", path) }
