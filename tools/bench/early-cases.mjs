// Answers of a model to one schema: most of them broken, each in its own way and place, some that fit.
// `fits`: the answer is one; `found`: it is none as it stands, and the gateway finds one in it.
export const schema = {
    type: 'object', additionalProperties: false, required: ['title', 'language', 'score', 'points', 'summary'],
    properties: {
        title: { type: 'string', minLength: 1, maxLength: 80 },
        language: { enum: ['en', 'de', 'fr'] },
        score: { type: 'integer', minimum: 0, maximum: 100 },
        points: { type: 'array', minItems: 1, maxItems: 4, items: {
            type: 'object', additionalProperties: false, required: ['text', 'weight'],
            properties: { text: { type: 'string', maxLength: 200 }, weight: { type: 'number' } } } },
        summary: { type: 'string', maxLength: 600 },
        date: { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' },
    },
};

const point = (weight, more = {}) => ({ text: 'The plan to close the library was dropped after a petition of nine thousand residents.', weight, ...more });
export const good = {
    title: 'The council approves the budget', language: 'en', score: 71, points: [point(0.5), point(0.3), point(0.2)],
    summary: 'On Tuesday the council approved the budget by 31 votes to 12. Spending on schools rises by eight percent, ' +
        'the library stays open, and the bridge is to be repaired in the coming year. The opposition had asked for a delay.',
};
const text = (changes) => JSON.stringify({ ...good, ...changes }, null, 1);
const without = (name) => JSON.stringify(Object.fromEntries(Object.entries(good).filter(([key]) => key !== name)));
const first = (name, value) => JSON.stringify({ [name]: value, ...good });
const whole = JSON.stringify(good);

export const cases = [
    { name: 'fits', answer: whole, fits: true },
    { name: 'fits, pretty', answer: text({}), fits: true },
    { name: 'fits, other order', answer: JSON.stringify(Object.fromEntries(Object.entries(good).reverse())), fits: true },
    { name: 'fits, with a date', answer: first('date', '2026-11-26'), fits: true },
    { name: 'fits, in a fence', answer: '```json\n' + text({}) + '\n```', found: true },
    { name: 'fits, prose in front', answer: `Here is the summary you asked for:\n${text({})}`, found: true },
    { name: 'fits, prose behind', answer: `${whole}\n\nLet me know if you need anything else!`, found: true },
    { name: 'an array at the root', answer: JSON.stringify([good]) },
    { name: 'an array of points alone', answer: JSON.stringify(good.points) },
    { name: 'wrapped in a member', answer: JSON.stringify({ result: good }) },
    { name: 'wrapped in "properties"', answer: JSON.stringify({ type: 'object', properties: good }) },
    { name: 'an unknown member first', answer: first('thinking', 'The article is about a council and its budget, so the title should say that.') },
    { name: 'an unknown member in the middle', answer: JSON.stringify({ title: good.title, language: 'en', confidence: 0.9, ...good }) },
    { name: 'an unknown member last', answer: text({ note: 'written by a model' }) },
    { name: 'an unknown member in a point', answer: text({ points: [point(0.5, { source: 'the minutes' }), point(0.3), point(0.2)] }) },
    { name: 'an unknown member in the last point', answer: text({ points: [point(0.5), point(0.3), point(0.2, { source: 'the minutes' })] }) },
    { name: 'a title that is an object', answer: text({ title: { text: good.title } }) },
    { name: 'a title that is too long', answer: text({ title: good.summary }) },
    { name: 'an empty title', answer: text({ title: '' }) },
    { name: 'a language that is none', answer: text({ language: 'english' }) },
    { name: 'a language in capitals', answer: text({ language: 'EN' }) },
    { name: 'a score that is a string', answer: text({ score: '71' }) },
    { name: 'a score that is a fraction', answer: text({ score: 0.71 }) },
    { name: 'a score out of range', answer: text({ score: 710 }) },
    { name: 'a score below zero', answer: text({ score: -1 }) },
    { name: 'a score that is null', answer: text({ score: null }) },
    { name: 'points that are one string', answer: text({ points: good.points.map((one) => one.text).join(' ') }) },
    { name: 'points that are strings', answer: text({ points: good.points.map((one) => one.text) }) },
    { name: 'no points', answer: text({ points: [] }) },
    { name: 'five points', answer: text({ points: [...good.points, ...good.points] }) },
    { name: 'a weight that is a string', answer: text({ points: [point('0.5'), point(0.3), point(0.2)] }) },
    { name: 'a last weight that is a string', answer: text({ points: [point(0.5), point(0.3), point('0.2')] }) },
    { name: 'a summary that is a list', answer: text({ summary: good.summary.split('. ') }) },
    { name: 'a summary that is too long', answer: text({ summary: good.summary.repeat(5) }) },
    { name: 'a date in words', answer: first('date', '26 November 2026') },
    { name: 'a date in words, last', answer: text({ date: 'November 26' }) },
    { name: 'a title that is missing', answer: without('title') },
    { name: 'a summary that is missing', answer: without('summary') },
    { name: 'Python instead of JSON', answer: whole.replace('"score":71', '"score":None') },
    { name: 'no quotes around names', answer: whole.replaceAll(/"(\w+)":/g, '$1:') },
    { name: 'cut off', answer: whole.slice(0, 400) },
    { name: 'cut off in a wrong answer', answer: text({ score: '71' }).slice(0, 400) },
    { name: 'prose alone', answer: good.summary },
    { name: 'prose in front of a wrong one', answer: `Here is the summary:\n${text({ score: '71' })}` },
    { name: 'an apology', answer: 'I am sorry, but I cannot help with that request. '.repeat(6) },
];
