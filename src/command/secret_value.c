#include "command/secret_value.h"

#include "secret/memory.h"
#include "secret/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/ui.h>
#include <unistd.h>

/* White space around it is not counted, and one byte more tells that it is too large. */
enum { ROOM = SECRET_VALUE_BYTES_MAX + 1024, TYPED_BYTES_MAX = 4096 };

static bool unreadable(const char *name, int number, struct error *err)
{
    return error_set(err, ERROR_FILE_UNREADABLE, NULL, "'%s' cannot be read: %s", name,
                     strerror(number));
}

static bool read_all(int fd, const char *name, char *room, size_t *out_len, struct error *err)
{
    size_t len = 0;

    while (len < ROOM) {
        ssize_t got = read(fd, room + len, ROOM - len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return unreadable(name, errno, err);
        if (got == 0)
            break;
        len += (size_t)got;
    }
    *out_len = len;
    return true;
}

/* The library's own asking: it turns the echo off, and on again whatever signal comes. */
static bool ask(const char *name, char *room, size_t *out_len, struct error *err)
{
    char prompt[128];

    snprintf(prompt, sizeof prompt, "value of '%s' (not shown): ", name);
    if (UI_UTIL_read_pw_string(room, TYPED_BYTES_MAX, prompt, 0) != 0)
        return error_set(err, ERROR_INVALID_REQUEST, NULL, "no value was typed");
    *out_len = strlen(room);
    return true;
}

static bool from_file(const char *name, char *room, size_t *out_len, struct error *err)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    bool good;

    if (fd < 0)
        return unreadable(name, errno, err);
    good = read_all(fd, name, room, out_len, err);
    close(fd);
    return good;
}

bool secret_value_read(const struct command_line *line, struct text *out, struct error *err)
{
    const char *file = option_text(line, "file");
    char *room = secret_room(line->arena, ROOM);
    size_t len = 0;
    bool good;

    if (file != NULL && strcmp(file, "-") != 0)
        good = from_file(file, room, &len, err);
    else if (file == NULL && isatty(STDIN_FILENO) && !option_on(line, "no-input"))
        good = ask(line->arguments[0], room, &len, err);
    else
        good = read_all(STDIN_FILENO, "-", room, &len, err);
    *out = text_trim((struct text){room, len});
    return good && secret_value_valid(*out, err);
}
