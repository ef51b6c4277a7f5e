/* Preloaded under a process: a disk that is slow or full, and a clock that stepped, as a mapped file says.
 *
 * The file holds three 64-bit numbers: microseconds each flush takes longer, nanoseconds the wall clock is ahead, and
 * whether writes find the disk full. Only SQLite flushes and writes at positions in these processes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct orders {
    int64_t flush_delay_us;
    int64_t clock_ahead_ns;
    int64_t is_full;
};

static volatile struct orders none;
static volatile struct orders *orders = &none;

__attribute__((constructor)) static void take_orders(void) {
    const char *path = getenv("CHAOS_SHIM");
    int fd = path ? open(path, O_RDONLY) : -1;
    if (fd < 0)
        return;
    void *mapped = mmap(NULL, sizeof(struct orders), PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped != MAP_FAILED)
        orders = mapped;
}

static void wait_for_disk(void) {
    if (orders->flush_delay_us > 0)
        usleep((useconds_t)orders->flush_delay_us);
}

int fsync(int fd) {
    static int (*real)(int);
    if (!real)
        real = dlsym(RTLD_NEXT, "fsync");
    wait_for_disk();
    return real(fd);
}

int fdatasync(int fd) {
    static int (*real)(int);
    if (!real)
        real = dlsym(RTLD_NEXT, "fdatasync");
    wait_for_disk();
    return real(fd);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real)
        real = dlsym(RTLD_NEXT, "pwrite64");
    if (orders->is_full) {
        errno = ENOSPC;
        return -1;
    }
    return real(fd, bytes, count, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
    return pwrite64(fd, bytes, count, at);
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
