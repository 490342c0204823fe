/** What Jinja2 would raise: the template cannot write this conversation, others it may. */
export class TemplateRaised extends Error {}

/** Something that Jinja2 knows and this runtime does not: the template cannot be used at all. */
export class TemplateUnsupported extends Error {}

/** The template did not end within the work that a conversation may take. */
export class TemplateTooLong extends Error {}
