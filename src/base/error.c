#include "base/error.h"

#include "base/check.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

static const struct error_row rows[ERROR_CODE_COUNT] = {
#define X(name, status, type, word, retry) [ERROR_##name] = {status, type, word, retry},
    ERROR_CODES(X)
#undef X
};

const struct error_row *error_row(enum error_code code)
{
    CHECK((unsigned)code < ERROR_CODE_COUNT);
    return &rows[code];
}

static void format_cut(char *out, size_t room, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

static void format_cut(char *out, size_t room, const char *format, va_list arguments)
{
    int len = vsnprintf(out, room, format, arguments);

    if (len >= (int)room)
        out[text_whole((struct text){out, room - 1}).len] = '\0';
}

bool error_set(struct error *err, enum error_code code, const char *at, const char *format, ...)
{
    va_list arguments;

    if (err == NULL)
        return false;
    err->code = code;
    err->hint[0] = '\0';
    err->retry_after_s = 0;
    snprintf(err->at, sizeof err->at, "%s", at ? at : "");
    va_start(arguments, format);
    format_cut(err->message, sizeof err->message, format, arguments);
    va_end(arguments);
    return false;
}

void error_hint(struct error *err, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    format_cut(err->hint, sizeof err->hint, format, arguments);
    va_end(arguments);
}
