/* Who calls, and with which headers: texts that are compared as they are. */
#include "route/condition.h"

#include "base/buffer.h"

/* --- the caller
 * ---------------------------------------------------------------------------------- */

static bool read_tag(struct route_compiler *compiler, const struct route_place *place,
                     uint32_t value, struct route_condition *out)
{
    struct buffer text = buffer_in(compiler->arena);

    (void)place;
    out->kind = ROUTE_CALLER_TAG;
    out->name = arena_copy(compiler->arena, route_name_of(compiler, value));
    if (!route_read_values(compiler, "the value of a tag", value, out))
        return false;
    buffer_printf(&text, "caller tag %.*s", TEXT_ARG(out->name));
    route_put_values(&text, out);
    out->text = buffer_text(&text);
    return true;
}

static bool read_named(struct route_compiler *compiler, uint32_t value, enum route_kind kind,
                       struct route_condition *out)
{
    struct buffer text = buffer_in(compiler->arena);
    bool project = kind == ROUTE_CALLER_PROJECT;
    size_t need;

    out->kind = kind;
    if (!route_read_values(compiler, project ? "a caller's 'project'" : "a caller's 'name'", value,
                           out))
        return false;
    for (size_t i = 0; project && i < out->value_count; i++) {
        uint32_t at =
            out->value_count > 1 || document_cell(compiler->document, value)->type == CELL_ARRAY
                ? value + 1 + (uint32_t)i
                : value;

        route_need(compiler, ROUTE_NEEDS_PROJECT, at, &need)->name = out->values[i];
    }
    buffer_put(&text, project ? TEXT("caller project") : TEXT("caller name"));
    route_put_values(&text, out);
    out->text = buffer_text(&text);
    return true;
}

static bool refuse_member(struct route_compiler *compiler, uint32_t key)
{
    static const struct text known[] = {TEXT_INIT("name"), TEXT_INIT("project"), TEXT_INIT("tags")};
    struct text name = document_text(compiler->document, key), near;
    struct diagnostic *diagnostic =
        diagnose(compiler->diagnostics, compiler->document, key, DIAGNOSTIC_E0402,
                 "a caller has no '%.*s'", TEXT_ARG(text_cut(name, 64)));

    near = nearest_name(name, known, sizeof known / sizeof *known);
    if (near.len > 0)
        diagnostic_hint(compiler->diagnostics, diagnostic, "did you mean '%.*s'?", TEXT_ARG(near));
    else
        diagnostic_hint(compiler->diagnostics, diagnostic,
                        "a caller is told by name, project and tags: {tags: {tier: gold}}");
    return false;
}

static bool read_member(struct route_compiler *compiler, const struct route_place *place,
                        uint32_t value, struct route_condition *out)
{
    struct text name = route_name_of(compiler, value);

    if (text_equal(name, TEXT("name")))
        return read_named(compiler, value, ROUTE_CALLER_NAME, out);
    if (text_equal(name, TEXT("project")))
        return read_named(compiler, value, ROUTE_CALLER_PROJECT, out);
    if (!text_equal(name, TEXT("tags")))
        return refuse_member(compiler, value - 1);
    return route_expect_mapping(compiler, value, "a caller's 'tags'", "write tags: {tier: gold}") &&
           route_read_members(compiler, place, value, read_tag, out);
}

bool route_read_caller(struct route_compiler *compiler, const struct route_place *place,
                       uint32_t value, struct route_condition *out)
{
    return route_expect_mapping(compiler, value, "'caller'",
                                "write caller: {name: nightly}, {project: acme} or {tags: {tier: "
                                "gold}}; a list means any of its values") &&
           route_read_members(compiler, place, value, read_member, out);
}

/* --- headers
 * ------------------------------------------------------------------------------------- */

/* Headers that prove who somebody is are nothing that a rule looks at, whatever is allowed. */
bool route_header_secret(struct text name)
{
    static const struct text parts[] = {
        TEXT_INIT("authorization"), TEXT_INIT("cookie"),     TEXT_INIT("api-key"),
        TEXT_INIT("apikey"),        TEXT_INIT("token"),      TEXT_INIT("secret"),
        TEXT_INIT("password"),      TEXT_INIT("credential"), TEXT_INIT("signature")};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (text_find(name, parts[i]) < name.len)
            return true;
    return false;
}

bool route_header_valid(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.at[i];
        bool word = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');

        if (!word && byte != '-' && byte != '_')
            return false;
    }
    return name.len > 0 && name.len <= 128;
}

struct text route_header_name(struct arena *arena, struct text written)
{
    char *name = arena_bytes(arena, written.len);

    for (size_t i = 0; i < written.len; i++)
        name[i] = (char)(written.at[i] >= 'A' && written.at[i] <= 'Z' ? written.at[i] | 0x20
                                                                      : written.at[i]);
    return (struct text){name, written.len};
}

static bool read_header(struct route_compiler *compiler, const struct route_place *place,
                        uint32_t value, struct route_condition *out)
{
    struct text written = route_name_of(compiler, value);
    struct buffer text = buffer_in(compiler->arena);
    bool flag = document_cell(compiler->document, value)->type == CELL_BOOLEAN;
    size_t need;

    (void)place;
    out->kind = ROUTE_HEADER;
    out->name = route_header_name(compiler->arena, written);
    if (!route_header_valid(out->name)) {
        diagnose(compiler->diagnostics, compiler->document, value - 1, DIAGNOSTIC_E0402,
                 "'%.*s' is not the name of a header", TEXT_ARG(text_cut(written, 64)));
        return false;
    }
    route_need(compiler, ROUTE_NEEDS_HEADER, value - 1, &need)->name = out->name;
    if (!flag && !route_read_values(compiler, "the value of a header", value, out))
        return false;
    buffer_printf(&text, "header %.*s", TEXT_ARG(out->name));
    if (flag) {
        out->expected = document_cell(compiler->document, value)->boolean;
        buffer_put(&text, out->expected ? TEXT(" present") : TEXT(" absent"));
    } else {
        route_put_values(&text, out);
    }
    out->text = buffer_text(&text);
    return true;
}

bool route_read_header(struct route_compiler *compiler, const struct route_place *place,
                       uint32_t value, struct route_condition *out)
{
    return route_expect_mapping(
               compiler, value, "'header'",
               "write header: {x-tier: gold}, or {x-tier: true} for a header that is "
               "there, whatever it says") &&
           route_read_members(compiler, place, value, read_header, out);
}
