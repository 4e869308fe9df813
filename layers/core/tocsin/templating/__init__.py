"""Templates: messages in an operator's own words, by type of event and by channel.

    models    what `templates:` in the routing file may say
    grammar   what a template may hold: a small part of Jinja2
    language  the same, compiled
    runtime   what runs meanwhile: data and nothing else, every step paid for
    filters   what a template may do to a value
    quoting   values in Markdown, so that none of it is theirs
    view      what a template sees of a notification
    applying  a message with its parts replaced, or as it was with the reason
    checking  what is wrong with templates, before they are put live
    sampling  what they do with events that there are

Nothing of this is imported before the first template is used.
"""
