#include "command/watch.h"

#include "base/clock.h"

#include <sys/inotify.h>
#include <unistd.h>

enum { QUIET_MS = 200 };

static const char *const folders[] = {"", "/endpoints", "/endpoints/partials", "/schemas",
                                      "/routing"};
enum { FOLDERS = sizeof folders / sizeof *folders };

struct watch {
    int fd;
    uint64_t due_ms; /* 0: nothing has changed */
    const char *paths[FOLDERS];
};

/* Those that are there; what is watched already stays so. */
static void watch_folders(const struct watch *watch)
{
    const uint32_t events = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;

    for (size_t i = 0; i < FOLDERS; i++)
        inotify_add_watch(watch->fd, watch->paths[i], events);
}

struct watch *watch_open(struct text folder, struct arena *arena)
{
    struct watch *watch = ARENA_NEW(arena, struct watch);

    watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (watch->fd < 0)
        return NULL;
    for (size_t i = 0; i < FOLDERS; i++)
        watch->paths[i] = arena_printf(arena, "%.*s%s", TEXT_ARG(folder), folders[i]).at;
    watch_folders(watch);
    return watch;
}

void watch_close(struct watch *watch)
{
    if (watch != NULL)
        close(watch->fd);
}

int watch_fd(const struct watch *watch)
{
    return watch != NULL ? watch->fd : -1;
}

int watch_wait_ms(const struct watch *watch, int limit_ms)
{
    uint64_t now_ms = clock_monotonic_ms();

    if (watch == NULL || watch->due_ms == 0)
        return limit_ms;
    return watch->due_ms > now_ms ? (int)(watch->due_ms - now_ms) : 0;
}

static bool is_new_folder(const struct inotify_event *event)
{
    return (event->mask & IN_ISDIR) != 0 && (event->mask & (IN_CREATE | IN_MOVED_TO)) != 0;
}

/* What an editor leaves behind while it saves is no change of the configuration. */
static bool relevant(const struct inotify_event *event)
{
    struct text name = event->len > 0 ? text_of(event->name) : (struct text){0};

    return text_ends(name, TEXT(".yaml")) || text_ends(name, TEXT(".json")) ||
           text_ends(name, TEXT(".mustache")) || is_new_folder(event) ||
           (event->mask & IN_Q_OVERFLOW) != 0; /* what the kernel dropped may have been anything */
}

bool watch_changed(struct watch *watch)
{
    _Alignas(struct inotify_event) char events[8192];
    uint64_t now_ms = clock_monotonic_ms();
    ssize_t got;

    if (watch == NULL)
        return false;
    while ((got = read(watch->fd, events, sizeof events)) > 0)
        for (ssize_t at = 0; at < got;) {
            const struct inotify_event *event = (const struct inotify_event *)(events + at);

            if (is_new_folder(event))
                watch_folders(watch);
            if (relevant(event))
                watch->due_ms = now_ms + QUIET_MS;
            at += (ssize_t)sizeof *event + event->len;
        }
    if (watch->due_ms == 0 || watch->due_ms > now_ms)
        return false;
    watch->due_ms = 0;
    return true;
}
