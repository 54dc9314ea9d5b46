/* `key` of a provider: one credential, or a list of which any will do. */
#include "config/load.h"
#include "config/provider_url.h"
#include "provider/kind.h"

enum { KEY_BYTES = 4096, KEYS_MAX = 64 };

/* The key becomes part of a header line. */
static bool key_sendable(struct text key)
{
    for (size_t i = 0; i < key.len; i++)
        if ((unsigned char)key.at[i] < 0x21 || (unsigned char)key.at[i] > 0x7E)
            return false;
    return key.len <= KEY_BYTES;
}

static bool read_one_key(struct load *load, const struct document *document, uint32_t cell,
                         struct text *out, bool *out_missing)
{
    struct diagnostic *it;

    if (document_cell(document, cell)->type != CELL_STRING) {
        it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0103,
                      "each item of 'key' must be a string");
        diagnostic_hint(load->diagnostics, it, "it is written key: [\"${env:KEY_1}\"]");
        return false;
    }
    if (!load_secret(load, document, cell, out, out_missing))
        return false;
    if (key_sendable(*out))
        return true;
    return load_provider_value_fault(
        load, document, cell,
        "'key' contains white space or other characters that no header can carry",
        "it must be the credential alone, without quotes, spaces and line ends");
}

bool load_provider_keys(struct load *load, const struct document *document, uint32_t cell,
                        bool required, struct provider *provider, bool *out_missing)
{
    bool list = document_cell(document, cell)->type == CELL_ARRAY, good = true;
    uint32_t count = list ? document_cell(document, cell)->size : 1;
    struct text *keys = ARENA_ARRAY(load->arena, struct text, count);
    struct text *names = ARENA_ARRAY(load->arena, struct text, count);
    struct diagnostic *it;

    if (count == 0 || count > KEYS_MAX) {
        it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0104,
                      "'key' lists 1 to %d keys, found %u", KEYS_MAX, count);
        if (count > 0)
            diagnostic_hint(load->diagnostics, it, "keep those that are in use");
        else if (required)
            diagnostic_hint(load->diagnostics, it, "write key: \"${env:%s}\"",
                            provider->kind->key_variable);
        else
            diagnostic_hint(load->diagnostics, it,
                            "write key: [\"${env:KEY_1}\"], or remove 'key' where none is needed");
        return false;
    }
    for (uint32_t at = list ? cell + 1 : cell; at < document_next(document, cell);
         at = document_next(document, at)) {
        size_t i = provider->key_count++;

        good &= read_one_key(load, document, at, &keys[i], out_missing);
        if (good)
            names[i] = load_secret_named(document, at);
    }
    provider->keys = keys;
    provider->key_names = names;
    return good;
}
