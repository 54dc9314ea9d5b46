/* The file:
 *
 *   {"format": 1, "endpoint": SLUG, "test": NAME, "exchanges": [
 *     {"request": {"provider": NAME, "path": PATH, "body": JSON},
 *      "reply": {"status": 200, "headers": {NAME: VALUE},
 *                "body": JSON | "lines": [TEXT] | "base64": TEXT,
 *                "broken_off": true | "failure": {"code": WORD, "message": TEXT, "sent": WORD}}}]}
 *
 * A body that is JSON is kept as that; anything else that is text by its lines, a stream above all,
 * and the rest as base64. A reply without status is one of which nothing came. */
#include "trial/recording_file.h"

#include <openssl/sha.h>

enum { NAME_CHARS = 60 };

const char *recording_sent_word(enum exchange_sent sent)
{
    static const char *const words[] = {
        [SENT_NOTHING] = "nothing", [SENT_PART] = "part", [SENT_ALL] = "all"};

    return words[sent];
}

/* Of small letters and digits with single hyphens; *out_whole: nothing of it was lost. */
static struct text file_name(struct text name, struct arena *arena, bool *out_whole)
{
    struct buffer out = buffer_in(arena);
    char before = ' ';

    *out_whole = name.len <= NAME_CHARS && name.len > 0 && name.at[name.len - 1] != ' ';
    for (size_t i = 0; i < name.len && out.len < NAME_CHARS; i++) {
        char c = name.at[i], lower = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
        bool plain = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');

        *out_whole &= lower == c && (plain || (c == ' ' && before != ' '));
        before = c;
        if (plain)
            buffer_put_byte(&out, lower);
        else if (out.len > 0 && out.at[out.len - 1] != '-')
            buffer_put_byte(&out, '-');
    }
    if (out.len > 0 && out.at[out.len - 1] == '-')
        out.len--;
    return buffer_text(&out);
}

struct text recording_path(struct text slug, struct text test, struct arena *arena)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    bool whole;
    struct text name = file_name(test, arena, &whole);

    if (whole)
        return arena_printf(arena, "tests/recordings/%.*s/%.*s.json", TEXT_ARG(slug),
                            TEXT_ARG(name));
    SHA256((const unsigned char *)test.at, test.len, digest);
    return arena_printf(arena, "tests/recordings/%.*s/%.*s%s%02x%02x%02x%02x.json", TEXT_ARG(slug),
                        TEXT_ARG(name), name.len > 0 ? "-" : "", digest[0], digest[1], digest[2],
                        digest[3]);
}

struct text recording_request_path(const struct provider *provider, struct text path)
{
    if (text_starts(path, provider->path))
        path = text_after(path, provider->path.len);
    if (provider->query.len > 0 && text_ends(path, provider->query))
        path.len -= provider->query.len + 1;
    return path;
}

bool recording_keeps_field(struct text name, int status)
{
    return text_equal(name, TEXT("content-type")) ||
           (status != 200 &&
            (text_equal(name, TEXT("retry-after")) || text_equal(name, TEXT("retry-after-ms")) ||
             text_equal(name, TEXT("x-should-retry"))));
}
