/* A TZif file holds its data twice, with times of 32 bits and, from version 2 on, again with 64 and
 * a rule for all time after. Only the last block is used. What is kept is two arrays: when the
 * offset changes and to what, found by bisection; past their end the rule is computed. Nothing here
 * knows the environment or calls tzset: zones belong to rules, not to the process. */
#include "calendar/zone.h"

#include "document/diagnostic.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FILE_BYTES_MAX = 64 * 1024, /* the largest there is has 4 KiB */
    NAME_BYTES_MAX = 64,
    HEADER_BYTES = 44,
    CHANGES_MAX = 4096,
    OFFSET_S_MAX = 26 * 3600, /* RFC 8536 section 3.2 suggests -25 to +26 hours */
};

/* The counts of one data block, RFC 8536 section 3.1. */
struct header {
    char version;
    uint32_t is_ut, is_standard, leaps, changes, types, characters;
};

static uint64_t big_endian(const char *at, size_t bytes)
{
    uint64_t value = 0;

    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | (unsigned char)at[i];
    return value;
}

static int64_t read_time(const char *at, size_t bytes)
{
    uint64_t value = big_endian(at, bytes);

    return bytes == 8 ? (int64_t)value : (int32_t)(uint32_t)value;
}

static bool take_header(struct text *rest, struct header *out)
{
    uint32_t counts[6];

    if (rest->len < HEADER_BYTES || !text_starts(*rest, TEXT("TZif")))
        return false;
    for (size_t i = 0; i < 6; i++)
        counts[i] = (uint32_t)big_endian(rest->at + 20 + 4 * i, 4);
    *out = (struct header){rest->at[4], counts[0], counts[1], counts[2],
                           counts[3],   counts[4], counts[5]};
    *rest = text_after(*rest, HEADER_BYTES);
    return out->changes <= CHANGES_MAX && out->types >= 1 && out->types <= 256 &&
           out->characters <= FILE_BYTES_MAX && out->is_ut <= 256 && out->is_standard <= 256 &&
           out->leaps <= CHANGES_MAX;
}

static size_t block_bytes(const struct header *header, size_t time_bytes)
{
    return header->changes * (time_bytes + 1) + header->types * 6u + header->characters +
           header->leaps * (time_bytes + 4) + header->is_standard + header->is_ut;
}

/* Local time type records: six bytes, the offset first. */
static bool read_offset(const char *types, uint32_t type, int32_t *out_s)
{
    int64_t offset_s = read_time(types + 6 * (size_t)type, 4);

    *out_s = (int32_t)offset_s;
    return offset_s >= -OFFSET_S_MAX && offset_s <= OFFSET_S_MAX;
}

static bool read_block(struct text block, const struct header *header, size_t time_bytes,
                       struct arena *arena, struct zone *out)
{
    const char *times = block.at, *indices = times + header->changes * time_bytes;
    const char *types = indices + header->changes;
    int64_t *changes_s = ARENA_ARRAY(arena, int64_t, header->changes);
    int32_t *offsets_s = ARENA_ARRAY(arena, int32_t, header->changes);

    if (header->leaps > 0 || !read_offset(types, 0, &out->first_s))
        return false;
    for (size_t i = 0; i < header->changes; i++) {
        uint8_t type = (uint8_t)indices[i];

        changes_s[i] = read_time(times + i * time_bytes, time_bytes);
        if (type >= header->types || !read_offset(types, type, &offsets_s[i]) ||
            (i > 0 && changes_s[i] <= changes_s[i - 1]))
            return false;
    }
    out->changes_s = changes_s;
    out->offsets_s = offsets_s;
    out->count = header->changes;
    return true;
}

/* "\nCET-1CEST,M3.5.0,M10.5.0/3\n"; nothing between the two means that no rule is known. */
static bool read_footer(struct text rest, struct zone *out)
{
    struct text string;

    if (rest.len < 2 || rest.at[0] != '\n')
        return false;
    rest = text_after(rest, 1);
    if (text_find_byte(rest, '\n') == rest.len)
        return false;
    string = text_split(&rest, '\n');
    out->has_tail = string.len > 0;
    return string.len == 0 || zone_read_tail(string, &out->tail);
}

bool zone_read(struct text bytes, struct arena *arena, struct zone *out)
{
    struct header header;
    size_t time_bytes = 4, block;

    if (!take_header(&bytes, &header))
        return false;
    if (header.version >= '2') {
        block = block_bytes(&header, time_bytes);
        bytes = text_after(bytes, block);
        time_bytes = 8;
        if (!take_header(&bytes, &header) || header.version < '2')
            return false;
    }
    block = block_bytes(&header, time_bytes);
    if (bytes.len < block || !read_block(bytes, &header, time_bytes, arena, out))
        return false;
    return time_bytes == 4 || read_footer(text_after(bytes, block), out);
}

int32_t zone_offset_s(const struct zone *zone, int64_t utc_s)
{
    size_t low = 0, high;

    if (zone == NULL)
        return 0;
    high = zone->count;
    if (zone->has_tail && (high == 0 || utc_s >= zone->changes_s[high - 1]))
        return zone_tail_offset_s(&zone->tail, utc_s);
    while (low < high) { /* the number of changes up to utc_s */
        size_t middle = low + (high - low) / 2;

        if (zone->changes_s[middle] <= utc_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? zone->offsets_s[low - 1] : zone->first_s;
}

/* A name of the IANA data: letters, digits and "_+-" in parts divided by '/'. So it can name no
 * file outside the folder; what in the folder is no zone of its own is left out. */
static bool is_name(struct text name)
{
    struct text rest = name;

    if (name.len == 0 || name.len > NAME_BYTES_MAX || name.at[name.len - 1] == '/')
        return false;
    while (rest.len > 0) {
        struct text part = text_split(&rest, '/');

        if (part.len == 0)
            return false;
        for (size_t i = 0; i < part.len; i++) {
            char byte = part.at[i];

            if (!((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                  (byte >= '0' && byte <= '9') || byte == '_' || byte == '+' || byte == '-'))
                return false;
        }
    }
    return !text_equal(name, TEXT("localtime")) && !text_equal(name, TEXT("posixrules")) &&
           !text_starts(name, TEXT("posix/")) && !text_starts(name, TEXT("right/"));
}

/* Reads a whole regular file of at most FILE_BYTES_MAX. */
static bool read_whole(const char *path, struct arena *arena, struct text *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *bytes;
    size_t len = 0;
    ssize_t got = 1;
    struct stat status;

    if (fd < 0)
        return false;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        close(fd);
        return false;
    }
    bytes = arena_bytes(arena, FILE_BYTES_MAX);
    while (got > 0 && len < FILE_BYTES_MAX) {
        got = read(fd, bytes + len, FILE_BYTES_MAX - len);
        len += got > 0 ? (size_t)got : 0;
    }
    close(fd);
    *out = (struct text){bytes, len};
    return got == 0; /* neither an error nor more than there is room for */
}

static bool has_data(void)
{
    struct stat status;

    return stat(ZONE_FOLDER, &status) == 0 && S_ISDIR(status.st_mode);
}

enum zone_problem zone_load(struct text name, struct arena *arena, const struct zone **out_zone)
{
    struct arena scratch = {0};
    struct text path, bytes;
    struct zone *zone;
    enum zone_problem problem = ZONE_FOUND;

    *out_zone = NULL;
    if (text_equal(name, TEXT("UTC")))
        return ZONE_FOUND;
    if (!is_name(name))
        return ZONE_MALFORMED;
    zone = ARENA_NEW(arena, struct zone);
    path = arena_printf(&scratch, ZONE_FOLDER "/%.*s", TEXT_ARG(name));
    if (!read_whole(path.at, &scratch, &bytes))
        problem = has_data() ? ZONE_UNKNOWN : ZONE_NO_DATA;
    else if (!zone_read(bytes, arena, zone))
        problem = text_starts(bytes, TEXT("TZif")) ? ZONE_DAMAGED : ZONE_UNKNOWN;
    arena_release(&scratch);
    zone->name = arena_copy(arena, name);
    if (problem == ZONE_FOUND)
        *out_zone = zone;
    return problem;
}

/* zone.tab: country, coordinates and name of each zone, divided by tabs; '#' begins a comment. */
struct text zone_nearest(struct text wrong, struct arena *arena)
{
    enum { NAMES_MAX = 1024 };
    struct text *names = ARENA_ARRAY(arena, struct text, NAMES_MAX), lines;
    size_t count = 0;

    names[count++] = TEXT("UTC");
    if (!read_whole(ZONE_FOLDER "/zone.tab", arena, &lines))
        return nearest_name(wrong, names, count);
    while (lines.len > 0 && count < NAMES_MAX) {
        struct text line = text_split(&lines, '\n');

        if (line.len == 0 || line.at[0] == '#')
            continue;
        text_split(&line, '\t');
        text_split(&line, '\t');
        names[count++] = text_split(&line, '\t');
    }
    return nearest_name(wrong, names, count);
}
