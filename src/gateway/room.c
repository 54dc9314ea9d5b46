#include "gateway/room.h"

#include <stdio.h>
#include <sys/statvfs.h>

static const unsigned steps[] = {80, 90, 95};
enum { FORGOTTEN_BELOW = 5 };

unsigned room_step(unsigned *said, unsigned percent)
{
    unsigned reached = 0;

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (percent >= steps[i])
            reached = steps[i];
    if (reached > *said) {
        *said = reached;
        return reached;
    }
    if (percent + FORGOTTEN_BELOW < *said)
        *said = reached;
    return 0;
}

static unsigned percent_of(uint64_t part, uint64_t whole)
{
    return whole == 0 ? 0 : (unsigned)(part / ((whole + 99) / 100));
}

static void say(struct log *log, const char *what, unsigned percent)
{
    char number[16];

    snprintf(number, sizeof number, "%u", percent);
    log_event(log, LOG_WARN, "storage", what, "percent", number, NULL);
}

static unsigned disk_percent(struct text folder)
{
    char path[4096];
    struct statvfs disk;
    uint64_t used;

    if (snprintf(path, sizeof path, "%.*s", TEXT_ARG(folder)) >= (int)sizeof path ||
        statvfs(path, &disk) != 0)
        return 0;
    used = disk.f_blocks - disk.f_bfree;
    return percent_of(used, used + disk.f_bavail);
}

void room_look(struct room *room, const struct store *store, struct text folder, struct log *log,
               uint64_t now_ms)
{
    struct store_stats stats = store_stats(store);
    unsigned store_percent = percent_of(stats.used_bytes, stats.map_bytes), disk;

    if (now_ms < room->look_at_ms)
        return;
    room->look_at_ms = now_ms + ROOM_LOOK_EVERY_MS;
    disk = disk_percent(folder);
    if (room_step(&room->store_step, store_percent) > 0)
        say(log, "the store comes near the most it may hold: shorten what is kept, or delete",
            store_percent);
    if (room_step(&room->disk_step, disk) > 0)
        say(log, "the disk of the store is nearly full: make room", disk);
}
