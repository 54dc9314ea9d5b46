/* The fast program in words: one instruction after another with what matters of its operands. */
#include "base/buffer.h"
#include "schema/fast.h"

static const char *const op_names[] = {
#define X(name) #name,
    OPS(X)
#undef X
};

static void print_limits(const struct code *code, struct buffer *out)
{
    buffer_put(out, TEXT("("));
    buffer_put_u64(out, code->low);
    buffer_put(out, TEXT(".."));
    if (code->high != UINT64_MAX)
        buffer_put_u64(out, code->high);
    buffer_put(out, TEXT(")"));
}

static void print_int_range(const struct code *code, struct buffer *out)
{
    buffer_put(out, TEXT("("));
    if (code->least != INT64_MIN)
        buffer_put_i64(out, code->least);
    buffer_put(out, TEXT(".."));
    if (code->most != INT64_MAX)
        buffer_put_i64(out, code->most);
    buffer_put(out, TEXT(")"));
}

static void print_names(const struct name_set *set, struct buffer *out)
{
    for (uint32_t i = 0; i < set->count; i++)
        buffer_printf(out, "%s%.*s%s", i ? " " : "", (int)set->names[i].len, set->names[i].at,
                      set->names[i].required != 0 ? "!" : "");
}

/* The names, those that are required with '!', then what else there is. */
static void print_rules(const struct object_rules *rules, struct buffer *out)
{
    buffer_put(out, TEXT("("));
    print_names(&rules->set, out);
    if (rules->rule_count > 0)
        buffer_printf(out, "; patterns %u", rules->rule_count);
    if (rules->additional != NODE_NONE)
        buffer_put(out, rules->additional_accepted == 0 ? TEXT("; closed") : TEXT("; additional"));
    if (rules->names != NODE_NONE)
        buffer_put(out, TEXT("; names"));
    buffer_put(out, TEXT(")"));
}

static void print_asked(const struct asked_names *asked, struct buffer *out)
{
    buffer_put(out, TEXT("("));
    for (uint32_t i = 0; i < asked->count; i++) {
        const struct asked_name *it = &asked->names[i];

        buffer_printf(out, "%s%.*s%s", i ? " " : "", (int)it->known->len, it->known->at,
                      (asked->required >> it->place & 1) != 0 ? "!" : "");
    }
    buffer_put(out, TEXT(")"));
}

static void print_code(const struct schema *schema, const struct code *code, struct buffer *out);

static void print_run(const struct schema *schema, uint32_t entry, struct buffer *out)
{
    if (entry < ENTRY_FIRST) {
        buffer_put(out, entry == ENTRY_ACCEPT ? TEXT("accept") : TEXT("reject"));
        return;
    }
    for (const struct code *code = &schema->code[entry]; code->op != OP_ACCEPT; code++) {
        if (code != &schema->code[entry])
            buffer_put(out, TEXT(" "));
        print_code(schema, code, out);
    }
}

/* Recursion is bounded: compile_order has refused deep nesting in place. */
static void print_code(const struct schema *schema, const struct code *code, struct buffer *out)
{
    const struct branch *branches = code->data;

    buffer_put(out, text_of(op_names[code->op]));
    switch ((enum op)code->op) {
    case OP_LENGTH:
    case OP_COUNT:
        print_limits(code, out);
        break;
    case OP_INT_RANGE:
        print_int_range(code, out);
        break;
    case OP_STRING:
    case OP_STRINGS:
        buffer_put(out, TEXT("("));
        print_names(code->data, out);
        buffer_put(out, TEXT(")"));
        break;
    case OP_PREFIX:
        buffer_printf(out, "(%.*s)", TEXT_ARG(*(const struct text *)code->data));
        break;
    case OP_MEMBERS:
    case OP_REST:
        print_rules(code->data, out);
        break;
    case OP_FOUND:
        print_asked(code->data, out);
        break;
    case OP_LEFT:
        print_rules(((const struct survey *)code->data)->rules, out);
        break;
    case OP_ALL:
        buffer_printf(out, "(%llu..)", (unsigned long long)code->low);
        break;
    case OP_ANY:
    case OP_EXACTLY_ONE:
    case OP_IF:
        for (uint32_t i = 0; i < code->a; i++) {
            buffer_put(out, i ? TEXT(" | ") : TEXT("("));
            print_run(schema, branches[i].entry, out);
        }
        buffer_put(out, TEXT(")"));
        break;
    case OP_BY_TAG:
        buffer_put(out, TEXT("("));
        print_names(&((const struct tag_choice *)code->data)->set, out);
        buffer_put(out, TEXT(")"));
        break;
    case OP_NOT:
    case OP_TRACK:
        buffer_put(out, TEXT("("));
        print_run(schema, code->a, out);
        buffer_put(out, TEXT(")"));
        break;
    default:
        break;
    }
}

void fast_print(const struct schema *schema, uint32_t node, unsigned kind, struct buffer *out)
{
    print_run(schema, schema->nodes[node].entry[kind], out);
}
