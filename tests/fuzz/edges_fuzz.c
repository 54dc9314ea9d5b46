/* What of a request is looked at before anybody knows who sends it: its method, its path, and the
 * origin of the page that it comes from. Four lines: method, path, an origin of a list, and the one
 * that is sent. What is proposed for a path is plain; a page is allowed only by what a list says.
 */
#include "base/check.h"
#include "config/origins.h"
#include "gateway/methods.h"
#include "gateway/path_form.h"

static void check_method(struct arena *arena, struct text method)
{
    struct text allow = methods_allow(arena, TEXT("GET, DELETE"));

    CHECK(text_equal(allow, TEXT("GET, DELETE, HEAD, OPTIONS")));
    CHECK(methods_take(TEXT("GET, DELETE"), method) ==
          (text_equal(method, TEXT("GET")) || text_equal(method, TEXT("HEAD")) ||
           text_equal(method, TEXT("DELETE"))));
}

static void check_path(struct arena *arena, struct text path)
{
    struct text plain = path_plain(arena, path), lower = path_lower(arena, path);

    CHECK(plain.len <= path.len && lower.len == path.len);
    CHECK(text_equal_nocase(lower, path));
    if (text_equal(plain, path))
        return;
    CHECK(text_find(plain, TEXT("//")) == plain.len);
    CHECK(plain.len < 2 || !text_ends(plain, TEXT("/")));
    for (size_t i = 0; i < plain.len; i++)
        CHECK(plain.at[i] > ' ' && plain.at[i] < 0x7F);
}

static void check_origin(struct text listed, struct text sent)
{
    const struct origins origins = {&listed, 1};
    struct text scheme_and_host = listed, port;
    uint64_t number;

    if (!origin_valid(listed) || !origin_allowed(&origins, sent))
        return;
    CHECK(sent.len <= ORIGIN_BYTES_MAX && !text_equal(sent, TEXT("null")));
    if (text_equal(listed, TEXT("*")) || text_equal_nocase(listed, sent))
        return;
    CHECK(text_ends(listed, TEXT(":*")));
    scheme_and_host.len -= 2;
    port = text_after(sent, scheme_and_host.len);
    CHECK(text_equal_nocase(text_first(sent, scheme_and_host.len), scheme_and_host));
    CHECK(port.len == 0 || (port.at[0] == ':' && text_to_u64(text_after(port, 1), &number)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text rest = {(const char *)data, size};
    struct text method = text_split(&rest, '\n'), path = text_split(&rest, '\n');
    struct text listed = text_split(&rest, '\n');
    struct arena arena = {0};

    check_method(&arena, method);
    check_path(&arena, path);
    check_origin(listed, rest);
    arena_release(&arena);
    return 0;
}
