/* The words before the one that is typed are read as the command line itself would read them, but
 * forgivingly: what is wrong with them is told when they are run. */
#include "command/complete.h"

#include "base/error_text.h"
#include "command/options_table.h"
#include "document/diagnostic.h"

struct completing {
    const struct program *program;
    const struct command_spec *command; /* NULL: not told yet */
    struct text group;                  /* the first of two words; empty: none */
    struct text folder;
    struct text typed, before; /* what is typed, and what stands before it in the same word */
    size_t argument_count;     /* that were given */
    bool flags_ended;
    complete_slugs *slugs;
    struct arena *arena;
    struct buffer *out;
};

static void offer(struct completing *it, struct text word, const char *about)
{
    if (!text_starts(word, it->typed))
        return;
    buffer_put(it->out, it->before);
    buffer_put(it->out, word);
    buffer_put_byte(it->out, '\t');
    buffer_put(it->out, text_of(about));
    buffer_put_byte(it->out, '\n');
}

/* -- values -- */

static void offer_choices(struct completing *it, const char *choices)
{
    struct text rest = text_of(choices);

    while (rest.len > 0)
        offer(it, text_split(&rest, '|'), "");
}

static void offer_slugs(struct completing *it)
{
    const struct text *slugs;
    size_t count = it->slugs(it->folder, it->arena, &slugs);

    for (size_t i = 0; i < count; i++)
        offer(it, slugs[i], "");
}

static void offer_codes(struct completing *it)
{
    for (int i = 0; i < DIAGNOSTIC_COUNT; i++)
        offer(it, text_of(diagnostic_name((enum diagnostic_code)i)),
              diagnostic_title((enum diagnostic_code)i));
    for (int i = ERROR_NONE + 1; i < ERROR_CODE_COUNT; i++)
        offer(it, text_of(error_row((enum error_code)i)->word), "");
}

static bool mentions(const char *shown, const char *word)
{
    struct text text = text_of(shown);

    return text_find(text, text_of(word)) < text.len;
}

/* What usage calls it tells what it is. */
static void offer_value(struct completing *it, const char *shown, const char *choices)
{
    if (choices != NULL)
        offer_choices(it, choices);
    else if (mentions(shown, "SLUG"))
        offer_slugs(it);
    else if (mentions(shown, "CODE"))
        offer_codes(it);
    else if (mentions(shown, "DIR"))
        buffer_put(it->out, TEXT(":dirs\n"));
    else if (mentions(shown, "FILE") || mentions(shown, "DOC") || mentions(shown, "SCHEMA"))
        buffer_put(it->out, TEXT(":files\n"));
}

/* "[endpoint|routing|config]" lists the words themselves. */
static void offer_argument(struct completing *it)
{
    struct text shown = text_of(it->command->arguments);

    if (shown.len == 0 || it->argument_count >= it->command->arguments_max)
        return;
    if (shown.at[0] == '[' && shown.at[1] >= 'a' && shown.at[1] <= 'z')
        shown = text_first(text_after(shown, 1), shown.len - 2);
    if (shown.at[0] >= 'a' && shown.at[0] <= 'z')
        offer_choices(it, arena_terminated(it->arena, shown));
    else
        offer_value(it, it->command->arguments, NULL);
}

/* -- flags and commands -- */

static void offer_flags(struct completing *it)
{
    const struct option_spec *spec;

    for (size_t i = 0; (spec = option_at(it->command, i)) != NULL; i++)
        offer(it, arena_printf(it->arena, "--%s", spec->name), spec->help);
}

/* Each first word once; the commands of a group are offered when it has been typed. */
static void offer_commands(struct completing *it)
{
    const struct program *program = it->program;

    for (size_t i = 0; i < program->command_count; i++) {
        const struct command_spec *command = &program->commands[i];
        struct text first = command_word(command, 0), second = command_word(command, 1);
        bool seen = false;

        if (it->group.len > 0) {
            if (second.len > 0 && text_equal(first, it->group))
                offer(it, second, command->summary);
            continue;
        }
        for (size_t j = 0; j < i; j++)
            seen |= text_equal(first, command_word(&program->commands[j], 0));
        if (!seen)
            offer(it, first, second.len > 0 ? "several commands" : command->summary);
    }
}

static const struct option_spec *find_flag(const struct completing *it, struct text word)
{
    bool letter = !text_starts(word, TEXT("--"));
    struct text name = text_after(word, letter ? 1 : 2);
    const struct option_spec *spec;

    name = text_first(name, text_find_byte(name, '='));
    for (size_t c = 0; c <= it->program->command_count; c++) {
        const struct command_spec *command = c == 0 ? it->command : &it->program->commands[c - 1];

        for (size_t i = 0; (spec = option_at(command, i)) != NULL; i++)
            if (letter ? name.len == 1 && spec->letter == name.at[0]
                       : text_equal(name, text_of(spec->name)))
                return spec;
    }
    return NULL;
}

/* -- the words before -- */

static bool is_flag(const struct completing *it, struct text word)
{
    return !it->flags_ended && word.len > 1 && word.at[0] == '-';
}

static const struct command_spec *find_command(const struct program *program, struct text first,
                                               struct text second)
{
    for (size_t i = 0; i < program->command_count; i++)
        if (text_equal(first, command_word(&program->commands[i], 0)) &&
            text_equal(second, command_word(&program->commands[i], 1)))
            return &program->commands[i];
    return NULL;
}

static bool is_group(const struct program *program, struct text word)
{
    for (size_t i = 0; i < program->command_count; i++)
        if (text_equal(word, command_word(&program->commands[i], 0)) &&
            command_word(&program->commands[i], 1).len > 0)
            return true;
    return false;
}

/* A plain word: of the command's name, or an argument. A group may be a command as well. */
static void take_word(struct completing *it, struct text word)
{
    const struct program *program = it->program;

    if (it->group.len > 0 && it->argument_count == 0) {
        const struct command_spec *found = find_command(program, it->group, word);

        it->group = (struct text){0};
        if (found != NULL) {
            it->command = found;
            return;
        }
    } else if (it->command == NULL && it->group.len == 0) {
        it->command = find_command(program, word, (struct text){0});
        if (is_group(program, word))
            it->group = word;
        return;
    }
    it->argument_count++;
}

/* Reads a word; returns the flag whose value comes next, or NULL. */
static const struct option_spec *read_word(struct completing *it, struct text word)
{
    const struct option_spec *spec;

    if (text_equal(word, TEXT("--")) && !it->flags_ended) {
        it->flags_ended = true;
        return NULL;
    }
    if (!is_flag(it, word)) {
        take_word(it, word);
        return NULL;
    }
    spec = find_flag(it, word);
    if (spec == NULL || spec->argument == NULL || text_find_byte(word, '=') < word.len)
        return NULL;
    return spec;
}

static void take_value(struct completing *it, const struct option_spec *spec, struct text value)
{
    if (strcmp(spec->name, "config") == 0)
        it->folder = value;
}

/* "--flag=va" in one word. */
static const struct option_spec *split_typed(struct completing *it)
{
    size_t equals = text_find_byte(it->typed, '=');
    const struct option_spec *spec;

    if (!is_flag(it, it->typed) || equals == it->typed.len)
        return NULL;
    spec = find_flag(it, it->typed);
    if (spec == NULL || spec->argument == NULL)
        return NULL;
    it->before = text_first(it->typed, equals + 1);
    it->typed = text_after(it->typed, equals + 1);
    return spec;
}

void complete_words(const struct program *program, const char *const *words, size_t count,
                    complete_slugs *slugs, struct arena *arena, struct buffer *out)
{
    const char *folder = program->environment("PINION_CONFIG");
    struct completing it = {.program = program,
                            .folder = folder != NULL ? text_of(folder) : TEXT("."),
                            .slugs = slugs,
                            .arena = arena,
                            .out = out};
    const struct option_spec *due = NULL;

    for (size_t i = 0; i + 1 < count; i++) {
        struct text word = text_of(words[i]);

        if (due != NULL && text_equal(word, TEXT("="))) /* some shells make a word of it */
            continue;
        if (due != NULL)
            take_value(&it, due, word);
        due = due != NULL ? NULL : read_word(&it, word);
    }
    it.typed = count > 0 ? text_of(words[count - 1]) : TEXT("");
    if (due != NULL && text_equal(it.typed, TEXT("=")))
        it.typed = TEXT("");
    if (due == NULL)
        due = split_typed(&it);
    if (due != NULL)
        offer_value(&it, due->argument, due->choices);
    else if (is_flag(&it, it.typed) || text_equal(it.typed, TEXT("-")))
        offer_flags(&it);
    else if (it.command == NULL || (it.group.len > 0 && it.argument_count == 0))
        offer_commands(&it);
    if (due == NULL && it.command != NULL && !is_flag(&it, it.typed))
        offer_argument(&it);
}
