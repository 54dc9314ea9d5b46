/* A reference is split at its delimiters and put together again as RFC 3986 section 5.2 says. */
#include "schema/uri.h"

#include "base/buffer.h"
#include "document/utf8.h"

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* Length of "scheme" when a colon follows it; 0 when there is none. */
static size_t scheme_len(struct text text)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.at[i];
        bool inner = (byte >= '0' && byte <= '9') || byte == '+' || byte == '-' || byte == '.';

        if (byte == ':')
            return i;
        if (!is_letter(byte) && (i == 0 || !inner))
            return 0;
    }
    return 0;
}

/* Cuts everything from the first `mark` on off *text; false when there is none. */
static bool cut_behind(struct text *text, char mark, struct text *out_behind)
{
    size_t at = text_find_byte(*text, mark);

    if (at == text->len)
        return false;
    *out_behind = text_after(*text, at + 1);
    text->len = at;
    return true;
}

struct uri uri_split(struct text text)
{
    struct uri uri = {0};
    size_t scheme;

    uri.has_fragment = cut_behind(&text, '#', &uri.fragment);
    uri.has_query = cut_behind(&text, '?', &uri.query);
    scheme = scheme_len(text);
    if (scheme > 0) {
        uri.has_scheme = true;
        uri.scheme = text_first(text, scheme);
        text = text_after(text, scheme + 1);
    }
    if (text_starts(text, TEXT("//"))) {
        uri.has_authority = true;
        text = text_after(text, 2);
        uri.authority = text_first(text, text_find_byte(text, '/'));
        text = text_after(text, uri.authority.len);
    }
    uri.path = text;
    return uri;
}

static void drop_last_segment(struct buffer *out)
{
    while (out->len > 0 && out->at[out->len - 1] != '/')
        out->len--;
    if (out->len > 0)
        out->len--;
}

/* RFC 3986 section 5.2.4. */
static struct text remove_dots(struct text path, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    while (path.len > 0) {
        if (text_starts(path, TEXT("../"))) {
            path = text_after(path, 3);
        } else if (text_starts(path, TEXT("./"))) {
            path = text_after(path, 2);
        } else if (text_starts(path, TEXT("/./"))) {
            path = text_after(path, 2);
        } else if (text_equal(path, TEXT("/."))) {
            path = TEXT("/");
        } else if (text_starts(path, TEXT("/../"))) {
            path = text_after(path, 3);
            drop_last_segment(&out);
        } else if (text_equal(path, TEXT("/.."))) {
            path = TEXT("/");
            drop_last_segment(&out);
        } else if (text_equal(path, TEXT(".")) || text_equal(path, TEXT(".."))) {
            break;
        } else {
            size_t slash = text_find_byte(text_after(path, 1), '/') + 1;

            buffer_put(&out, text_first(path, slash));
            path = text_after(path, slash);
        }
    }
    return buffer_text(&out);
}

/* RFC 3986 section 5.2.3. */
static struct text merge(const struct uri *base, struct text path, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    size_t kept = base->path.len;

    if (base->has_authority && base->path.len == 0) {
        buffer_put_byte(&out, '/');
    } else {
        while (kept > 0 && base->path.at[kept - 1] != '/')
            kept--;
        buffer_put(&out, text_first(base->path, kept));
    }
    buffer_put(&out, path);
    return buffer_text(&out);
}

/* What keeps a path without dots from being taken for a scheme or an authority. */
static struct text guard(const struct uri *uri)
{
    struct text first = text_first(uri->path, text_find_byte(uri->path, '/'));

    if (!uri->has_authority && text_starts(uri->path, TEXT("//")))
        return TEXT("/.");
    if (!uri->has_authority && !uri->has_scheme && text_find_byte(first, ':') < first.len)
        return TEXT("./");
    return TEXT("");
}

static struct text put_together(const struct uri *uri, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    if (uri->has_scheme) {
        for (size_t i = 0; i < uri->scheme.len; i++) {
            char byte = uri->scheme.at[i];

            buffer_put_byte(&out, byte >= 'A' && byte <= 'Z' ? (char)(byte + 32) : byte);
        }
        buffer_put_byte(&out, ':');
    }
    if (uri->has_authority) {
        buffer_put(&out, TEXT("//"));
        buffer_put(&out, uri->authority);
    }
    buffer_put(&out, guard(uri));
    buffer_put(&out, uri->path);
    if (uri->has_query) {
        buffer_put_byte(&out, '?');
        buffer_put(&out, uri->query);
    }
    return buffer_text(&out);
}

struct text uri_resolve(struct text base_text, struct text reference_text, struct arena *arena)
{
    struct uri base = uri_split(base_text), to = uri_split(reference_text);

    if (!to.has_scheme) {
        to.has_scheme = base.has_scheme;
        to.scheme = base.scheme;
        if (to.has_authority) {
            to.path = remove_dots(to.path, arena);
        } else {
            to.has_authority = base.has_authority;
            to.authority = base.authority;
            if (to.path.len == 0) {
                to.path = remove_dots(base.path, arena); /* so that equal places have equal names */
                if (!to.has_query) {
                    to.has_query = base.has_query;
                    to.query = base.query;
                }
            } else if (to.path.at[0] == '/') {
                to.path = remove_dots(to.path, arena);
            } else {
                to.path = remove_dots(merge(&base, to.path, arena), arena);
            }
        }
    } else {
        to.path = remove_dots(to.path, arena);
    }
    return put_together(&to, arena);
}

static int hex_value(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F')
        return byte - 'A' + 10;
    return -1;
}

bool uri_decode(struct text text, struct arena *arena, struct text *out)
{
    char *bytes = arena_bytes(arena, text.len);
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        char byte = text.at[i];

        if (byte == '%') {
            int high = i + 2 < text.len ? hex_value(text.at[i + 1]) : -1;
            int low = i + 2 < text.len ? hex_value(text.at[i + 2]) : -1;

            if (high < 0 || low < 0)
                return false;
            byte = (char)(high * 16 + low);
            i += 2;
        }
        bytes[len++] = byte;
    }
    *out = (struct text){bytes, len};
    return utf8_valid(*out) == len;
}

static bool is_unreserved(unsigned char byte)
{
    return is_letter((char)byte) || (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' ||
           byte == '_' || byte == '~';
}

static void put_triplet(struct buffer *out, unsigned char byte)
{
    buffer_printf(out, "%%%02X", byte);
}

struct text uri_of_path(struct text path, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    for (size_t i = 0; i < path.len; i++) {
        unsigned char byte = (unsigned char)path.at[i];

        if (byte != '\0' && (is_unreserved(byte) || strchr("!$&'()*+,;=:@/", byte) != NULL))
            buffer_put_byte(&out, (char)byte);
        else
            put_triplet(&out, byte);
    }
    return buffer_text(&out);
}

/* Whether a byte may stand in a URI as it is. */
static bool is_written(unsigned char byte)
{
    return byte > ' ' && byte < 0x7F && strchr("\"<>\\^`{|}", byte) == NULL;
}

static bool is_plain(struct text uri)
{
    for (size_t i = 0; i < uri.len; i++) {
        if (uri.at[i] == '%' || !is_written((unsigned char)uri.at[i]))
            return false;
    }
    return true;
}

struct text uri_normal(struct text uri, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    if (is_plain(uri))
        return uri;
    for (size_t i = 0; i < uri.len; i++) {
        unsigned char byte = (unsigned char)uri.at[i];
        int high = byte == '%' && i + 2 < uri.len ? hex_value(uri.at[i + 1]) : -1;
        int low = byte == '%' && i + 2 < uri.len ? hex_value(uri.at[i + 2]) : -1;
        unsigned char meant = (unsigned char)(high * 16 + low);

        if (high >= 0 && low >= 0) {
            i += 2;
            if (is_unreserved(meant))
                buffer_put_byte(&out, (char)meant);
            else
                put_triplet(&out, meant);
        } else if (byte != '%' && is_written(byte)) {
            buffer_put_byte(&out, (char)byte);
        } else {
            put_triplet(&out, byte);
        }
    }
    return buffer_text(&out);
}

/* Bytes up to the last '/' that both have in common. */
static size_t common_folders(struct text a, struct text b)
{
    size_t folders = 0;

    for (size_t i = 0; i < a.len && i < b.len && a.at[i] == b.at[i]; i++) {
        if (a.at[i] == '/')
            folders = i + 1;
    }
    return folders;
}

struct text uri_nearest(struct text wrong, const struct text *names, size_t count)
{
    struct text nearest = {0};
    size_t least = SIZE_MAX;

    for (size_t i = 0; i < count; i++) {
        size_t folders = common_folders(wrong, names[i]);
        struct text rest = text_after(wrong, folders);
        size_t edits = text_edits(rest, text_after(names[i], folders));

        if (edits < least && edits <= (rest.len / 3 > 1 ? rest.len / 3 : 1)) {
            least = edits;
            nearest = names[i];
        }
    }
    return nearest;
}
