/* A base and a reference, separated by a NUL. Taking apart loses nothing; what is resolved has no
 * fragment, resolves to itself, and against a base with a scheme has one. */
#include "base/check.h"
#include "document/utf8.h"
#include "schema/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_split(struct text text)
{
    struct uri uri = uri_split(text);
    size_t len = uri.path.len;

    len += uri.has_scheme ? uri.scheme.len + 1 : 0;
    len += uri.has_authority ? uri.authority.len + 2 : 0;
    len += uri.has_query ? uri.query.len + 1 : 0;
    len += uri.has_fragment ? uri.fragment.len + 1 : 0;
    CHECK(len == text.len);
    CHECK(text_find_byte(uri.path, '#') == uri.path.len);
    CHECK(text_find_byte(uri.path, '?') == uri.path.len);
}

/* The normal form is one; and a path written as a URI is that path. */
static void check_normal(struct text reference, struct arena *arena)
{
    struct text normal = uri_normal(reference, arena), written = uri_of_path(reference, arena);
    struct text decoded;

    CHECK(text_equal(uri_normal(normal, arena), normal));
    CHECK(text_equal(uri_normal(written, arena), written));
    if (uri_decode(written, arena, &decoded))
        CHECK(text_equal(decoded, reference));
    else
        CHECK(utf8_valid(reference) < reference.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct text reference = {(const char *)data, size};
    struct text base = text_split(&reference, '\0'), resolved, again, decoded;

    check_split(base);
    check_split(reference);
    resolved = uri_resolve(base, reference, &arena);
    CHECK(text_find_byte(resolved, '#') == resolved.len);
    CHECK(resolved.len <= base.len + reference.len + 2);
    again = uri_resolve(base, resolved, &arena);
    if (uri_split(resolved).has_scheme)
        CHECK(text_equal(again, resolved));
    if (uri_split(base).has_scheme)
        CHECK(uri_split(resolved).has_scheme);
    if (uri_decode(reference, &arena, &decoded))
        CHECK(decoded.len <= reference.len);
    check_normal(reference, &arena);
    arena_release(&arena);
    return 0;
}
