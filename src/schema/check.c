/* The fast program: walks the code of a node's kind and stops at the first thing that does not
 * hold. It recurses where a schema leads to another one; how deep is counted and bounded.
 *
 * Unions within unions can ask the same question again and again. A check that has taken a million
 * steps begins to remember verdicts, which makes such schemas linear in practice. */
#include "schema/run.h"

#include "base/check.h"

enum { MEMO_AFTER = 1000000, MEMO_PLACES = 1 << 15 };

struct verdict_memo {
    struct {
        uint32_t entry, at; /* entry 0: free */
        bool holds;
    } places[MEMO_PLACES];
};

void run_init(struct run *run, const struct schema *schema, const struct document *document,
              struct arena *arena, uint64_t steps)
{
    *run = (struct run){
        .schema = schema,
        .document = document,
        .cells = document->cells,
        .arena = arena,
        .steps_left = steps,
        .memo_below = steps > MEMO_AFTER ? steps - MEMO_AFTER : 0,
        .patterns = {.arena = arena},
    };
}

static bool run_entry(struct run *run, uint32_t entry, uint32_t at);

bool run_node(struct run *run, uint32_t node, uint32_t at)
{
    return run_entry(run, run->schema->nodes[node].entry[cell_kind(&run->cells[at])], at);
}

/* A value that is accepted for its kind alone needs no call. */
static inline bool value_holds(struct run *run, uint32_t node, uint8_t accepted, uint32_t at)
{
    return (accepted & KIND_BIT(cell_kind(&run->cells[at]))) != 0 || run_node(run, node, at);
}

static inline bool same_name(struct text a, struct text b)
{
    if (a.len != b.len)
        return false;
    if (a.len >= 8) {
        if (name_word(a.at, 8) != name_word(b.at, 8) ||
            name_word(a.at + a.len - 8, 8) != name_word(b.at + a.len - 8, 8))
            return false;
        return a.len <= 16 || memcmp(a.at + 8, b.at + 8, a.len - 16) == 0;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (a.at[i] != b.at[i])
            return false;
    }
    return true;
}

/* A member without a slot of its own in `properties`: patterns, then what is additional. */
static bool run_other_member(struct run *run, const struct members *members, uint32_t key,
                             bool declared)
{
    for (uint32_t i = 0; i < members->rule_count; i++) {
        const struct pattern_rule *rule = &members->rules[i];

        if (!assert_pattern(run, rule->pattern, cell_text(&run->cells[key]))) {
            if (run->undecided != DECIDED)
                return false;
            continue;
        }
        declared = true;
        if (!value_holds(run, rule->node, rule->accepted, key + 1))
            return false;
    }
    return declared || members->additional == NODE_NONE ||
           value_holds(run, members->additional, members->additional_accepted, key + 1);
}

static bool run_members(struct run *run, const struct members *members, uint32_t object)
{
    const struct cell *cells = run->cells;
    uint32_t end = cells[object].end, expected = 0;
    uint64_t seen = 0;

    if (!spend(run, cells[object].size))
        return false;
    for (uint32_t key = object + 1; key < end; key = next_cell(cells, key + 1)) {
        struct text name = cell_text(&cells[key]);
        const struct slot *slot = NULL;
        bool declared;

        /* Documents mostly follow the order of their schema. */
        if (expected < members->slot_count && same_name(members->slots[expected].name, name)) {
            slot = &members->slots[expected++];
        } else {
            uint32_t found = name_table_find(&members->table, members->slots, name);

            if (found != UINT32_MAX) {
                slot = &members->slots[found];
                expected = found + 1;
            }
        }
        declared = slot != NULL && slot->node != NODE_NONE;
        if (slot != NULL)
            seen |= slot->required;
        if (declared && !value_holds(run, slot->node, slot->accepted, key + 1))
            return false;
        if ((!declared || members->rule_count > 0) &&
            !run_other_member(run, members, key, declared))
            return false;
        if (members->names != NODE_NONE &&
            !value_holds(run, members->names, members->names_accepted, key))
            return false;
    }
    return (seen & members->required) == members->required;
}

static bool run_required(struct run *run, const struct members *members, uint32_t object)
{
    size_t words = ((size_t)members->required_count + 63) / 64;
    struct arena scratch = {0};
    uint64_t *seen = ARENA_ARRAY(&scratch, uint64_t, words);
    uint64_t count = 0;

    find_required(run, members, object, seen);
    for (size_t i = 0; i < words; i++)
        count += (uint64_t)__builtin_popcountll(seen[i]);
    arena_release(&scratch);
    return count == members->required_count;
}

static bool names_present(struct run *run, uint32_t array, uint32_t object)
{
    const struct document *schema = run->schema->document;

    for (uint32_t at = array + 1; at < document_cell(schema, array)->end; at++) {
        if (find_member(run, object, document_text(schema, at)) == CELL_NONE)
            return false;
    }
    return true;
}

static bool run_dependencies(struct run *run, const struct dependencies *dependencies,
                             uint32_t object)
{
    for (uint32_t i = 0; i < dependencies->count; i++) {
        const struct dependency *it = &dependencies->items[i];

        if (find_member(run, object, it->name) == CELL_NONE)
            continue;
        if (it->node != NODE_NONE ? !run_node(run, it->node, object)
                                  : !names_present(run, it->names, object))
            return false;
    }
    return run->undecided == DECIDED;
}

static bool run_all(struct run *run, const struct code *code, uint32_t array)
{
    const struct cell *cells = run->cells;
    uint32_t item = array + 1, end = cells[array].end;

    if (!spend(run, cells[array].size))
        return false;
    for (uint64_t skip = code->low; skip > 0 && item < end; skip--)
        item = next_cell(cells, item);
    for (; item < end; item = next_cell(cells, item)) {
        if (!value_holds(run, code->a, code->accepted, item))
            return false;
    }
    return true;
}

static bool run_tuple(struct run *run, const struct alternatives *places, uint32_t array)
{
    uint32_t item = array + 1, end = run->cells[array].end;

    for (uint32_t i = 0; i < places->count && item < end; i++) {
        if (!spend(run, 1) || !run_node(run, places->nodes[i], item))
            return false;
        item = next_cell(run->cells, item);
    }
    return true;
}

static bool run_contains(struct run *run, const struct code *code, uint32_t array)
{
    const struct containment *wanted = code->data;
    const struct cell *cells = run->cells;
    uint64_t count = 0;

    if (!spend(run, cells[array].size))
        return false;
    for (uint32_t item = array + 1; item < cells[array].end; item = next_cell(cells, item)) {
        count += value_holds(run, code->a, code->accepted, item);
        if (count > wanted->most || run->undecided != DECIDED)
            return false;
        if (count >= wanted->least && wanted->most == UINT64_MAX)
            return true;
    }
    return count >= wanted->least;
}

static bool run_union(struct run *run, const struct code *code, uint32_t at)
{
    const uint32_t *entries = code->data;
    uint32_t holding = 0;

    for (uint32_t i = 0; i < code->a; i++) {
        holding += run_entry(run, entries[i], at);
        if (run->undecided != DECIDED)
            return false;
        if (holding > 0 && code->op == OP_ANY)
            return true;
        if (holding > 1)
            return false;
    }
    return holding == 1;
}

static bool run_if(struct run *run, const uint32_t entries[3], uint32_t at)
{
    bool condition = run_entry(run, entries[0], at);

    return run->undecided == DECIDED && run_entry(run, condition ? entries[1] : entries[2], at);
}

static bool run_by_tag(struct run *run, const struct tag_choice *choice, uint32_t at)
{
    uint32_t value = find_member(run, at, choice->tag), slot;

    if (value == CELL_NONE || run->cells[value].type != CELL_STRING)
        return false;
    slot = name_table_find(&choice->table, choice->slots, cell_text(&run->cells[value]));
    return slot != UINT32_MAX && run_entry(run, choice->slots[slot].node, at);
}

static bool run_op(struct run *run, const struct code *code, uint32_t at)
{
    const struct cell *cell = &run->cells[at];

    switch ((enum op)code->op) {
    case OP_ACCEPT:
        return true;
    case OP_LENGTH:
        return assert_length(cell, code->low, code->high);
    case OP_COUNT:
        return cell->size >= code->low && cell->size <= code->high;
    case OP_NUMBER:
        return assert_number((enum keyword)code->a, code->data, cell);
    case OP_CONTENT:
        return assert_content(run, code->a, cell_text(cell));
    case OP_WRITTEN:
        return assert_written(cell);
    case OP_ONE_OF:
        return assert_choice(run, code->data, at);
    case OP_PATTERN:
        return assert_pattern(run, code->data, cell_text(cell));
    case OP_FORMAT:
        return assert_format(run, (enum format)code->a, cell_text(cell));
    case OP_MEMBERS:
        return run_members(run, code->data, at);
    case OP_REQUIRED:
        return run_required(run, code->data, at);
    case OP_DEPENDENT:
        return run_dependencies(run, code->data, at);
    case OP_ALL:
        return run_all(run, code, at);
    case OP_TUPLE:
        return run_tuple(run, code->data, at);
    case OP_CONTAINS:
        return run_contains(run, code, at);
    case OP_UNIQUE:
        return assert_unique(run, at);
    case OP_CALL:
        return run_entry(run, code->a, at);
    case OP_ANY:
    case OP_EXACTLY_ONE:
        return run_union(run, code, at);
    case OP_NOT:
        return !run_entry(run, code->a, at) && run->undecided == DECIDED;
    case OP_IF:
        return run_if(run, code->data, at);
    case OP_BY_TAG:
        return run_by_tag(run, code->data, at);
    case OP_TRACKED:
        return plain_holds(run, code->a, at);
    }
    NEVER("an instruction of no kind");
}

static bool run_code(struct run *run, uint32_t entry, uint32_t at)
{
    const struct code *code = &run->schema->code[entry];
    bool holds = true;

    if (++run->depth > CHECK_DEPTH_MAX)
        holds = give_up(run, TOO_DEEP);
    for (; holds && code->op != OP_ACCEPT; code++)
        holds = spend(run, 1) && run_op(run, code, at);
    run->depth--;
    return holds;
}

/* A place per pair of entry and cell, taken over by whoever asked last. */
static bool run_remembering(struct run *run, uint32_t entry, uint32_t at)
{
    size_t place = ((uint64_t)entry << 32 | at) * 0x9E3779B97F4A7C15u >> 49;
    bool holds;

    if (run->memo == NULL)
        run->memo = ARENA_NEW(run->arena, struct verdict_memo);
    if (run->memo->places[place].entry == entry && run->memo->places[place].at == at)
        return run->memo->places[place].holds;
    holds = run_code(run, entry, at);
    if (run->undecided == DECIDED) {
        run->memo->places[place].entry = entry;
        run->memo->places[place].at = at;
        run->memo->places[place].holds = holds;
    }
    return holds;
}

static bool run_entry(struct run *run, uint32_t entry, uint32_t at)
{
    if (entry < ENTRY_FIRST)
        return entry == ENTRY_ACCEPT;
    if (run->steps_left < run->memo_below && run->cells[at].type >= CELL_ARRAY)
        return run_remembering(run, entry, at);
    return run_code(run, entry, at);
}

bool schema_check(const struct schema *schema, const struct document *document, uint32_t at,
                  struct arena *arena)
{
    struct run run;

    run_init(&run, schema, document, arena, CHECK_STEPS_MAX);
    return run_node(&run, 0, at) && run.undecided == DECIDED;
}
