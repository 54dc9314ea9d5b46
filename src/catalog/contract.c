#include "catalog/contract.h"

#include "document/json_read.h"
#include "document/json_write.h"
#include "document/names.h"
#include "schema/bundle.h"

static const char refs[] = "#/definitions/";

static void put(const struct schema *schema, const char *name, const char *prefix,
                struct arena *arena, struct buffer *out, struct buffer *definitions)
{
    struct schema_bundle bundle;

    if (schema == NULL)
        return;
    schema_bundle(schema, text_of(refs), text_of(prefix), arena, &bundle);
    json_put_name(out, name);
    buffer_put(out, bundle.schema);
    if (definitions->len > 0 && bundle.definition_count > 0)
        buffer_put_byte(definitions, ',');
    buffer_put(definitions, bundle.definitions);
}

bool contract_read(const struct endpoint *endpoint, struct arena *arena, struct contract *out)
{
    static const struct json_limits limits = {.depth = DOCUMENT_DEPTH_MAX, .nodes = JSON_UNLIMITED};
    struct buffer text = buffer_in(arena), definitions = buffer_in(arena);

    buffer_put_byte(&text, '{');
    put(endpoint->input, "input", "Input_", arena, &text, &definitions);
    put(endpoint->output, "output", "Output_", arena, &text, &definitions);
    json_put_name(&text, "definitions");
    buffer_put_byte(&text, '{');
    buffer_put(&text, buffer_text(&definitions));
    buffer_put(&text, TEXT("}}"));
    if (!json_read(buffer_text(&text), &limits, arena, &out->document, NULL, NULL))
        return false;
    out->input = document_member(&out->document, 0, TEXT("input"));
    out->output = document_member(&out->document, 0, TEXT("output"));
    out->definitions = document_member(&out->document, 0, TEXT("definitions"));
    return true;
}

uint32_t contract_reference(const struct contract *contract, uint32_t at, struct text *out_name)
{
    uint32_t reference = document_member(&contract->document, at, TEXT("$ref"));

    if (reference == CELL_NONE)
        return CELL_NONE;
    *out_name = text_after(document_text(&contract->document, reference), strlen(refs));
    return document_member(&contract->document, contract->definitions, *out_name);
}

struct text contract_line(struct text text, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    text = text_trim(text);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.at[i];

        if (byte == '/' && i > 0 && text.at[i - 1] == '*')
            buffer_put_byte(&out, ' ');
        if (byte > ' ' && byte != 0x7F)
            buffer_put_byte(&out, (char)byte);
        else if (out.len > 0 && out.at[out.len - 1] != ' ')
            buffer_put_byte(&out, ' ');
    }
    return buffer_text(&out);
}
