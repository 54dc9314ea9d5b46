/* The fast program: walks the code of a node's kind and stops at the first thing that does not
 * hold. Members and items are walked without recursion, on a stack of frames, as deep as documents
 * usually are; it recurses below that and where several schemas look at the same value. How deep is
 * counted and bounded. Work is paid for where there may be much of it: per container for its
 * children, per union for its branches, and in long runs by instructions that do nothing else.
 *
 * One walk decides all that a set of rules says about members: the next declared name is expected,
 * for documents mostly follow the order of their schema; else the name is looked up. A value that
 * is accepted for its kind is done at once, and another scalar by a small run of its own.
 *
 * Unions within unions can ask the same question again and again. A check that has taken a million
 * steps begins to remember verdicts, which makes such schemas linear in practice. */
#include "schema/check.h"

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
        .code = schema->code,
        .entries = schema->entries,
        .arena = arena,
        .steps_left = steps,
        .memo_below = steps > MEMO_AFTER ? steps - MEMO_AFTER : 0,
        .patterns = {.arena = arena},
    };
}

bool run_node(struct run *run, uint32_t node, uint32_t at)
{
    return run_entry(run, run->entries[node].of[cell_kind(&run->cells[at])], at);
}

static inline bool length_holds(const struct cell *cell, const struct code *code)
{
    if ((cell->flags & CELL_ASCII) != 0)
        return cell->size >= code->low && cell->size <= code->high;
    return assert_length(cell, code->low, code->high);
}

/* What is rare or long. */
static __attribute__((noinline)) bool run_other(struct run *run, const struct code *code,
                                                uint32_t at)
{
    const struct cell *cell = &run->cells[at];
    const struct known_name *tag;

    switch ((enum op)code->op) {
    case OP_PAY:
        return spend(run, code->low);
    case OP_WRITTEN:
        return assert_written(cell);
    case OP_MULTIPLE:
        return bound_divides(code->data, cell);
    case OP_ONE_OF:
        return assert_choice(run, code->data, at);
    case OP_FORMAT:
        return assert_format(run, (enum format)code->a, cell_text(cell));
    case OP_CONTENT:
        return assert_content(run, code->a, cell_text(cell));
    case OP_BY_TAG:
        tag = find_tag_value(run, code->data, at);
        return tag != NULL && run_branch(run, &(struct branch){tag->entry, tag->sources}, at);
    case OP_FOUND:
        return run_found(run, code->data);
    case OP_LEFT:
        return run_left(run, code->data);
    case OP_REQUIRED:
        return run_required(run, code->data, at);
    case OP_TUPLE:
        return run_tuple(run, code->data, at);
    case OP_CALL:
        return spend(run, 1) && run_entry(run, code->a, at);
    case OP_ANY:
    case OP_EXACTLY_ONE:
        return run_union(run, code, at);
    case OP_NOT:
        return spend(run, 1) && !run_entry(run, code->a, at) && run->undecided == DECIDED;
    case OP_IF:
        return run_if(run, code->data, at);
    case OP_DEPENDENT:
        return run_dependencies(run, code->data, at);
    case OP_CONTAINS:
        return run_contains(run, code, at);
    case OP_UNIQUE:
        return assert_unique(run, at);
    case OP_REST_ITEMS:
        return run_rest_items(run, code->data, at);
    case OP_TRACK:
        return run_tracked(run, code, at);
    case OP_PLAIN:
        return plain_holds(run, code->a, at);
    default:
        NEVER("an instruction that is run elsewhere");
    }
}

static bool run_scalar(struct run *run, const struct code *code, const struct cell *cell)
{
    for (;; code++) {
        bool holds;

        switch ((enum op)code->op) {
        case OP_ACCEPT:
            return true;
        case OP_LENGTH:
            holds = length_holds(cell, code);
            break;
        case OP_INT_RANGE:
            holds = cell->integer >= code->least && cell->integer <= code->most;
            break;
        case OP_RANGE:
            holds = bounds_hold(code->data, cell);
            break;
        case OP_STRING:
            holds = name_is(((const struct name_set *)code->data)->names, cell);
            break;
        case OP_STRINGS:
            holds = name_set_find(code->data, cell) != NULL;
            break;
        case OP_PREFIX:
            holds = text_starts(cell_text(cell), *(const struct text *)code->data);
            break;
        case OP_PATTERN:
            holds = assert_pattern(run, code->data, cell_text(cell));
            break;
        default:
            holds = run_other(run, code, (uint32_t)(cell - run->cells));
            break;
        }
        if (!holds)
            return false;
    }
}

/* Whether a container is to be run by recursion: verdicts are remembered, or frames are used up. */
static inline bool recurses(const struct run *run)
{
    return run->steps_left < run->memo_below || run->top == run->frames_end;
}

/* The entry for a value that is additional, though something may be asked of its name as well. */
static uint32_t additional_entry(struct run *run, const struct object_rules *rules,
                                 const struct known_name *known, const struct cell *value)
{
    unsigned kind = cell_kind(value);

    if (known != NULL && known->node != NODE_NONE &&
        !value_holds(run, known->node, known->accepted, (uint32_t)(value - run->cells)))
        return ENTRY_REJECT;
    if ((rules->additional_accepted >> kind & 1) != 0)
        return ENTRY_ACCEPT;
    return run->entries[rules->additional].of[kind];
}

/* Looks for the few names there are rules for; where they are does not matter. */
static bool run_few(struct run *run, const struct object_rules *rules, const struct cell *object)
{
    const struct cell *cells = run->cells, *end = cells + object->end, *name = object + 1;
    const struct known_name *first = rules->set.names, *second = first + (rules->set.count > 1);
    uint64_t seen = 0;

    while (name < end) {
        const struct cell *value = name + 1;
        const uint64_t word = name_word_of(name);
        const struct known_name *known = word == first->word    ? first
                                         : word == second->word ? second
                                                                : NULL;

        if (known != NULL ? !name_has_bytes(known, name->text) : (name->flags & CELL_HASHED) == 0)
            known = name_set_find(&rules->set, name);
        if (known != NULL) {
            seen |= known->required;
            if (!value_holds(run, known->node, known->accepted, (uint32_t)(value - cells)))
                return false;
        }
        name = value->type >= CELL_ARRAY ? cells + value->end : value + 1;
    }
    return (seen & rules->required) == rules->required;
}

/* Members that need more than a look at their name and value. */
static __attribute__((noinline)) bool run_members(struct run *run, const struct object_rules *rules,
                                                  const struct cell *object, uint64_t held)
{
    if (rules->few)
        return run_few(run, rules, object);
    return run_ruled(run, rules, (uint32_t)(object - run->cells), held);
}

/* The heart of it. A run is left for that of a child by pushing a frame, and gone on with when that
 * comes to its end; what asks for children is therefore jumped into. */
bool run_code(struct run *run, const struct code *code, uint32_t at)
{
    const struct cell *const cells = run->cells;
    struct frame *const base = run->top;
    struct frame *top = base;
    const struct cell *cell = &cells[at], *next, *end, *value;
    const struct known_name *expected, *known;
    const struct object_rules *rules;
    uint64_t seen, held;
    uint32_t entry;
    unsigned kind;

again:
    switch ((enum op)code->op) {
    case OP_ACCEPT:
    accepted:
        if (top == base)
            return run->undecided == DECIDED;
        run->top = --top;
        code = top->code;
        cell = top->container;
        next = top->next;
        end = cells + cell->end;
        if (code->op == OP_ALL)
            goto items;
        rules = code->data;
        expected = top->expected;
        seen = top->seen;
        held = code->op == OP_MEMBERS ? ~UINT64_C(0) : run->held;
        goto members;
    case OP_COUNT:
        if (cell->size < code->low || cell->size > code->high)
            goto refused;
        break;
    case OP_MEMBERS:
    case OP_REST:
        rules = code->data;
        held = code->op == OP_MEMBERS ? ~UINT64_C(0) : run->held;
        if (!spend(run, (uint64_t)cell->size + 1))
            goto refused;
        if (!rules->simple || rules->few || (rules->all_sources & held) != 0) {
            if (!run_members(run, rules, cell, held))
                goto refused;
            break;
        }
        next = cell + 1;
        end = cells + cell->end;
        expected = rules->set.names;
        seen = 0;
    members:
        while (next < end) {
            known = expected;
            if (name_word_of(next) != known->word || !name_has_bytes(known, next->text))
                known = name_set_find(&rules->set, next);
            value = next + 1;
            kind = value->type;
            next = value + 1;
            if (kind >= CELL_ARRAY)
                next = cells + value->end;
            else if (kind == CELL_NUMBER)
                kind = cell_kind(value);
            if (known != NULL) {
                expected = known + 1;
                seen |= known->required;
            }
            if (known != NULL && (known->sources & held) != 0) {
                if ((known->accepted >> kind & 1) != 0)
                    continue;
                entry = run->entries[known->node].of[kind];
            } else {
                entry = additional_entry(run, rules, known, value);
                if (entry == ENTRY_ACCEPT)
                    continue;
            }
            if (kind < CELL_ARRAY || kind == KIND_BIG_INTEGER) {
                if (entry == ENTRY_REJECT || !run_scalar(run, &run->code[entry], value))
                    goto refused;
            } else if (entry == ENTRY_REJECT || recurses(run)) {
                if (!run_entry(run, entry, (uint32_t)(value - cells)))
                    goto refused;
            } else {
                top->code = code;
                top->container = cell;
                top->next = next;
                top->expected = expected;
                top->seen = seen;
                run->top = ++top;
                code = &run->code[entry];
                cell = value;
                goto again;
            }
        }
        if ((seen & rules->required) != rules->required)
            goto refused;
        break;
    case OP_ALL:
        if (!spend(run, (uint64_t)cell->size + 1))
            goto refused;
        next = cell + 1;
        end = cells + cell->end;
        for (uint64_t skip = code->low; skip > 0 && next < end; skip--)
            next = next->type >= CELL_ARRAY ? cells + next->end : next + 1;
    items:
        while (next < end) {
            value = next;
            kind = value->type;
            next = value + 1;
            if (kind >= CELL_ARRAY)
                next = cells + value->end;
            else if (kind == CELL_NUMBER)
                kind = cell_kind(value);
            if ((code->accepted >> kind & 1) != 0)
                continue;
            entry = run->entries[code->a].of[kind];
            if (kind < CELL_ARRAY || kind == KIND_BIG_INTEGER) {
                if (entry == ENTRY_REJECT || !run_scalar(run, &run->code[entry], value))
                    goto refused;
            } else if (entry == ENTRY_REJECT || recurses(run)) {
                if (!run_entry(run, entry, (uint32_t)(value - cells)))
                    goto refused;
            } else {
                top->code = code;
                top->container = cell;
                top->next = next;
                run->top = ++top;
                code = &run->code[entry];
                cell = value;
                goto again;
            }
        }
        break;
    case OP_BY_TAG:
        /* The alternative is mostly all there is, and needs no recursion then. */
        if (code[1].op == OP_ACCEPT && !recurses(run)) {
            known = find_tag_value(run, code->data, (uint32_t)(cell - cells));
            if (known == NULL)
                goto refused;
            if (known->sources == 0 && known->entry >= ENTRY_FIRST) {
                code = &run->code[known->entry];
                goto again;
            }
        }
        if (!run_other(run, code, (uint32_t)(cell - cells)))
            goto refused;
        break;
    default:
        if (cell->type < CELL_ARRAY)
            return run_scalar(run, code, cell);
        if (!run_other(run, code, (uint32_t)(cell - cells)))
            goto refused;
        break;
    }
    if ((++code)->op == OP_ACCEPT)
        goto accepted;
    goto again;
refused:
    run->top = base;
    return false;
}

static bool run_counted(struct run *run, uint32_t entry, uint32_t at)
{
    bool holds;

    if (run->depth + (run->top - run->frames) >= CHECK_DEPTH_MAX)
        return give_up(run, TOO_DEEP);
    run->depth++;
    holds = run_code(run, &run->code[entry], at);
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
    holds = run_counted(run, entry, at);
    if (run->undecided == DECIDED) {
        run->memo->places[place].entry = entry;
        run->memo->places[place].at = at;
        run->memo->places[place].holds = holds;
    }
    return holds;
}

bool run_entry(struct run *run, uint32_t entry, uint32_t at)
{
    if (entry < ENTRY_FIRST)
        return entry == ENTRY_ACCEPT;
    if (run->steps_left < run->memo_below && run->cells[at].type >= CELL_ARRAY)
        return run_remembering(run, entry, at);
    return run_counted(run, entry, at);
}

bool run_value(struct run *run, uint32_t entry, uint32_t at)
{
    if (entry >= ENTRY_FIRST && run->cells[at].type < CELL_ARRAY)
        return run_scalar(run, &run->code[entry], &run->cells[at]);
    return run_entry(run, entry, at);
}

bool schema_check(const struct schema *schema, const struct document *document, uint32_t at,
                  struct arena *arena)
{
    struct frame frames[FRAMES] __attribute__((uninitialized));
    struct run run;

    run_init(&run, schema, document, arena, schema->check_steps);
    run.frames = run.top = frames;
    run.frames_end = frames + FRAMES;
    return run_node(&run, 0, at) && run.undecided == DECIDED;
}
