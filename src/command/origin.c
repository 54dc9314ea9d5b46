#include "command/origin.h"

/* An address that stands for all of this machine's is reached by its own. */
static struct text host_of(const struct listen_address *address)
{
    if (text_equal(address->host, TEXT("0.0.0.0")))
        return TEXT("127.0.0.1");
    if (text_equal(address->host, TEXT("::")))
        return TEXT("[::1]");
    return address->host;
}

struct text listener_origin(const struct settings *settings, struct arena *arena)
{
    struct text host = host_of(&settings->listen);
    bool bare = text_find_byte(host, ':') < host.len && host.at[0] != '[';

    if (settings->listen.path.len > 0 || settings->listen.port == 0)
        return (struct text){0};
    return arena_printf(arena, "%s://%s%.*s%s:%u", settings->certificate.len > 0 ? "https" : "http",
                        bare ? "[" : "", TEXT_ARG(host), bare ? "]" : "", settings->listen.port);
}

bool origin_option(const struct command_line *line, const char *name, struct text *out,
                   struct error *err)
{
    struct text url = text_of(option_text(line, name));

    if (!text_starts(url, TEXT("http://")) && !text_starts(url, TEXT("https://"))) {
        const char *flag = arena_printf(line->arena, "--%s", name).at;

        error_set(err, ERROR_INVALID_REQUEST, flag, "%s: expected an http or https URL", flag);
        error_hint(err, "for example %s http://127.0.0.1:8080", flag);
        return false;
    }
    while (text_ends(url, TEXT("/")))
        url.len--;
    *out = url;
    return true;
}

bool origin_read(const struct command_line *line, const struct settings *settings, struct text *out,
                 struct error *err)
{
    if (option_text(line, "url") != NULL)
        return origin_option(line, "url", out, err);
    *out = settings->public_url.len > 0 ? settings->public_url
                                        : listener_origin(settings, line->arena);
    if (out->len == 0)
        *out = TEXT("http://127.0.0.1:8080");
    return true;
}
