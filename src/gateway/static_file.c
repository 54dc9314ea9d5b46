#include "gateway/static_file.h"

#include "gateway/paths.h"

/* CSP Level 3; Trusted Types, section 4.3: no script makes elements or code out of text. */
#define POLICY                                                                                     \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "              \
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; "                   \
    "frame-ancestors 'none'; require-trusted-types-for 'script'"

static const struct http_header guards[] = {
    {TEXT_INIT("content-security-policy"), TEXT_INIT(POLICY)},
    {TEXT_INIT("x-content-type-options"), TEXT_INIT("nosniff")},
    {TEXT_INIT("referrer-policy"), TEXT_INIT("no-referrer")},
    {TEXT_INIT("cross-origin-opener-policy"), TEXT_INIT("same-origin")},
    {TEXT_INIT("cross-origin-resource-policy"), TEXT_INIT("same-origin")},
    {TEXT_INIT("link"), TEXT_INIT("</llms.txt>; rel=\"describedby\"")},
};
enum { GUARDS = sizeof guards / sizeof *guards };

void static_file_reply(struct request *request, const struct static_file *file)
{
    struct http_header *more = ARENA_ARRAY(&request->arena, struct http_header, GUARDS + 2);
    struct tagged document = {.type = file->type, .etag = file->etag, .body = file->body};
    size_t count = GUARDS;

    memcpy(more, guards, sizeof guards);
    if (file->constant)
        document.cache = TEXT("public, max-age=31536000, immutable");
    if (file->gzip.len > 0)
        more[count++] = (struct http_header){TEXT("vary"), TEXT("accept-encoding")};
    if (file->gzip.len > 0 && http_takes_gzip(&request->http)) {
        document.body = file->gzip;
        document.etag = arena_printf(&request->arena, "%.*s-gzip\"",
                                     TEXT_ARG(text_first(file->etag, file->etag.len - 1)));
        more[count++] = (struct http_header){TEXT("content-encoding"), TEXT("gzip")};
    }
    request_reply_tagged_with(request, &document, more, count);
}
