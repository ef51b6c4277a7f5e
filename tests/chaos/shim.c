/* Preloaded under a process: a disk that is slow or full, and a clock that stepped, as a mapped file says; and a journal
 * of everything that is written and flushed.
 *
 * The file holds four 64-bit numbers: microseconds each flush takes longer, nanoseconds the wall clock is ahead, whether
 * writes find the disk full, and which write or flush from now on fails (0: none). Only SQLite flushes and writes at
 * positions in these processes.
 *
 * Of the journal each record is: 'w' (write), 's' (flush) or 't' (truncate), the lengths of path and data, the position,
 * then path and data.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct orders {
    int64_t flush_delay_us;
    int64_t clock_ahead_ns;
    int64_t is_full;
    int64_t fails_at;
};

static volatile struct orders none;
static volatile struct orders *orders = &none;

struct __attribute__((packed)) record {
    char what;
    uint32_t path_length;
    uint32_t data_length;
    uint64_t at;
};

static int journal = -1;
static pthread_mutex_t journal_turn = PTHREAD_MUTEX_INITIALIZER;

static void note(char what, int fd, uint64_t at, const void *data, uint32_t length) {
    if (journal < 0)
        return;
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t path_length = readlink(link, path, sizeof path);
    if (path_length < 0)
        return;
    struct record head = {what, (uint32_t)path_length, length, at};
    pthread_mutex_lock(&journal_turn);
    if (write(journal, &head, sizeof head) < 0 || write(journal, path, path_length) < 0
        || (length && write(journal, data, length) < 0))
        abort();
    pthread_mutex_unlock(&journal_turn);
}

__attribute__((constructor)) static void take_orders(void) {
    const char *journal_path = getenv("CHAOS_JOURNAL");
    if (journal_path)
        journal = open(journal_path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    const char *path = getenv("CHAOS_SHIM");
    int fd = path ? open(path, O_RDWR) : -1;
    if (fd < 0)
        return;
    void *mapped = mmap(NULL, sizeof(struct orders), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped != MAP_FAILED)
        orders = mapped;
}

static int fails_now(void) {
    if (orders->fails_at <= 0 || --orders->fails_at > 0)
        return 0;
    errno = EIO;
    return 1;
}

static void wait_for_disk(void) {
    if (orders->flush_delay_us > 0)
        usleep((useconds_t)orders->flush_delay_us);
}

static int flush(int fd, int (**real)(int), const char *name) {
    if (!*real)
        *real = dlsym(RTLD_NEXT, name);
    wait_for_disk();
    if (fails_now())
        return -1;
    int result = (*real)(fd);
    note('s', fd, 0, NULL, 0);
    return result;
}

int fsync(int fd) {
    static int (*real)(int);
    return flush(fd, &real, "fsync");
}

int fdatasync(int fd) {
    static int (*real)(int);
    return flush(fd, &real, "fdatasync");
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real)
        real = dlsym(RTLD_NEXT, "pwrite64");
    if (orders->is_full) {
        errno = ENOSPC;
        return -1;
    }
    if (fails_now())
        return -1;
    ssize_t written = real(fd, bytes, count, at);
    if (written > 0)
        note('w', fd, (uint64_t)at, bytes, (uint32_t)written);
    return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
    return pwrite64(fd, bytes, count, at);
}

int ftruncate64(int fd, off64_t length) {
    static int (*real)(int, off64_t);
    if (!real)
        real = dlsym(RTLD_NEXT, "ftruncate64");
    int result = real(fd, length);
    if (result == 0)
        note('t', fd, (uint64_t)length, NULL, 0);
    return result;
}

int ftruncate(int fd, off_t length) {
    return ftruncate64(fd, length);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        real = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, now);
    int64_t ahead = orders->clock_ahead_ns;
    if (result == 0 && clock == CLOCK_REALTIME && ahead) {
        int64_t ns = now->tv_sec * 1000000000LL + now->tv_nsec + ahead;
        now->tv_sec = ns / 1000000000LL;
        now->tv_nsec = ns % 1000000000LL;
    }
    return result;
}
