#include "gateway/tagging.h"

#include "auth/tags.h"

/* Several headers are one list (RFC 9110, section 5.3). */
static bool read_headers(struct request *request, struct tags *out)
{
    for (size_t i = 0; i < request->http.header_count; i++) {
        const struct http_header *header = &request->http.headers[i];

        if (text_equal(header->name, TEXT("pinion-tag")) &&
            !tags_read(header->value, "pinion-tag", &request->arena, out, &request->error))
            return false;
    }
    return true;
}

static bool has(const struct token_tag *tags, size_t count, struct text name)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(tags[i].name, name))
            return true;
    return false;
}

bool tagging_take(struct request *request)
{
    const struct token_record *token = request->token;
    struct token_tag *all;
    struct tags named = {0};
    size_t count;

    request->tags = token->tags;
    request->tag_count = token->tag_count;
    if (!read_headers(request, &named))
        return false;
    if (named.count == 0)
        return true;
    all = ARENA_ARRAY(&request->arena, struct token_tag, token->tag_count + named.count);
    for (count = 0; count < token->tag_count; count++)
        all[count] = token->tags[count];
    /* What whoever made the token says of it, no caller says otherwise. */
    for (size_t i = 0; i < named.count; i++)
        if (!has(token->tags, token->tag_count, named.items[i].name))
            all[count++] = named.items[i];
    request->tags = all;
    request->tag_count = count;
    return true;
}
