"""A mailbox's form on a page: `e` on a mailbox edits it, `+` adds one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from attrs import evolve, frozen

from kana_tui.domain.errors import ConflictError, KanaError
from kana_tui.domain.fields import FIELD_BY_KEY
from kana_tui.domain.fields.context import Context
from kana_tui.domain.fields.kinds import Departments, Queue
from kana_tui.ports.mailboxes import StoredMailbox
from kana_tui.services.forms import Entry
from kana_tui.services.mailbox_conflict import MailboxConflict
from kana_tui.services.mailbox_form import MailboxForm
from kana_tui.services.mailboxes import MailboxAdministration
from kana_tui.services.overview import MailboxView, Snapshot
from kana_tui.services.signing_in import no_sign_in
from kana_tui.tui.desk import Repositories
from kana_tui.tui.form_page import FormPage
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.header import Outage
from kana_tui.tui.keyed import bindings
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.mailbox_conflict_panel import MailboxConflictPanel
from kana_tui.tui.panel import Answer, QuestionPanel
from kana_tui.tui.places import Place
from kana_tui.tui.probe_panel import ProbePanel
from kana_tui.tui.probe_run import of_form
from kana_tui.tui.scene import Scene
from kana_tui.tui.wrapping import wrapped

NEW: Final = 0
"""The ID of a mailbox that is being added."""


@frozen
class _Saved:
    sentence: str
    stored: StoredMailbox


@frozen
class _Refused:
    """`newer`: what somebody else saved meanwhile, if that is why."""

    error: KanaError
    newer: StoredMailbox | None


@frozen
class _News:
    """What the store knows now; `by`: who changed the mailbox since it was read for the form."""

    revision: int
    stored: StoredMailbox | None
    by: str | None


class MailboxFormPage(FormPage, inherit_bindings=False):
    """Looks with each snapshot whether the mailbox was saved elsewhere meanwhile."""

    BINDINGS = bindings(Place.FORM, Place.FIELD, Place.SEARCH)

    def __init__(self, scene: Scene, mailbox_id: int) -> None:
        super().__init__(scene)
        self._mailbox_id = mailbox_id
        self._mailbox_form: MailboxForm | None = None
        self._revision: int | None = None
        self._news: _News | None = None
        self._asking = False
        self._trouble: str | None = None

    @property
    def selected(self) -> MailboxView | None:
        known = self.kana.snapshot
        found = [m for m in known.mailboxes if m.id == self._mailbox_id] if known else []
        return found[0] if found else None

    @property
    def form_name(self) -> str:
        form = self._mailbox_form
        return form.stored.mailbox.name if form and form.stored else "the new mailbox"

    def headline(self) -> Line:
        form = self._mailbox_form
        if self._mailbox_id == NEW:
            return (Run(" New mailbox", Ink.TITLE),)
        if form is None or form.stored is None:
            return (Run(" Edit", Ink.TITLE),)
        mailbox = form.stored.mailbox
        return (Run(f" Edit {mailbox.name}", Ink.TITLE), Run(f"  {mailbox.email_address}"))

    def without_form(self) -> list[Line]:
        if self._trouble is None:
            return [*super().without_form()]
        told = [(Run("   "), Run(line, Ink.WARNING)) for line in wrapped(self._trouble, 70)]
        return [(), *told, (Run("   It is tried again by itself."),)]

    def notices(self) -> list[str]:
        told = [*super().notices()]
        news = self._news
        if news is not None and news.stored is None:
            told.append("archived or deleted meanwhile")
        elif news is not None:
            told.append(f"changed meanwhile by {news.by or 'somebody'}: s shows both")
        return told

    def on_mount(self) -> None:
        super().on_mount()
        self._ask()

    def take(self, news: Snapshot | Outage) -> None:
        if isinstance(news, Snapshot):
            self._follow_settings()
            self._ask()
        super().take(news)

    def labels(self) -> dict[str, str]:
        hidden = {key: field.label for key, field in FIELD_BY_KEY.items()}
        return {**hidden, **super().labels()}

    def do_save(self) -> None:
        self.keep()
        newer = None if self._news is None else self._news.stored
        if newer is None or not self.unsaved:
            super().do_save()
        elif self.is_right():
            self._settle(newer)

    def finished(self) -> None:
        self.dismiss()

    @property
    def no_sign_in(self) -> str | None:
        """By what is on the form."""
        form = self._mailbox_form
        if form is None:
            return "The mailbox is being read."
        return no_sign_in(form.values["name"] or self.form_name, form.values["auth_type"])

    @property
    def probes(self) -> bool:
        return self._scene.probing is not None and self._mailbox_form is not None

    def do_test(self) -> None:
        """With what is on the form, which stays as it is; where a login cannot be made of that,
        the cursor goes to what is wrong first."""
        self.keep()
        form = self._mailbox_form
        if form is None or self._refused_while_reading():
            return
        wrong = form.check_logins()
        self.refresh_form()
        if wrong is not None:
            self.go_to(wrong)
            self.refuse("Not tested: see what stands under the field.")
            return
        name = form.values["name"] or self.form_name
        panel = ProbePanel(self._scene, name, of_form(form), unsaved=self.unsaved)
        self.app.push_screen(panel)

    def do_sign_in(self) -> None:
        """For what is saved: what was typed is saved before, after a question."""
        self.keep()
        if not self.unsaved:
            self._sign_in()
            return

        def answered(wanted: bool | None) -> None:
            if wanted:
                self.save_now(self._sign_in)

        self.app.push_screen(_save_first(self._scene.glyphs, self.form_name), answered)

    def _sign_in(self) -> None:
        form = self._mailbox_form
        if form is not None and form.stored is not None and not self._refused_while_reading():
            self.sign_in(form.stored.mailbox.id, form.stored.mailbox.name)

    def write(self) -> None:
        form, scene = self._mailbox_form, self._scene
        if form is None:
            return
        draft, stored, actor = form.draft(), form.stored, scene.actor

        async def question(store: Repositories) -> _Saved | _Refused:
            mailboxes = self._administration(store)
            try:
                if stored is None:
                    added = await mailboxes.add(draft, actor)
                    return _Saved(f"{added.mailbox.name}: added.", added)
                edited = await mailboxes.edit(
                    str(stored.mailbox.id), draft, actor, if_version=stored.mailbox.version
                )
            except KanaError as error:
                return _Refused(error, await _newer(store, stored, error))
            count = len(edited.changes)
            fields = "1 field" if count == 1 else f"{count} fields"
            return _Saved(f"{edited.stored.mailbox.name}: {fields} changed.", edited.stored)

        self.kana.ask(question, self._written, self.not_saved)

    def _written(self, answer: _Saved | _Refused) -> None:
        form = self._mailbox_form
        if isinstance(answer, _Saved):
            if form is not None and self.is_mounted:  # a sign-in goes on with what is stored
                self._mailbox_id = answer.stored.mailbox.id
                self._take_over(MailboxForm(form.context, answer.stored))
            self.saved(answer.sentence)
        elif answer.newer is not None:
            self.not_saved("Not saved: it was changed meanwhile.")
            self._settle(answer.newer)
        else:
            key = None if form is None else form.refuse(answer.error)
            self.not_saved(str(answer.error), key)

    def _settle(self, newer: StoredMailbox) -> None:
        """Both edits, field by field; then what was chosen is saved."""
        form = self._mailbox_form
        if form is None or not self.is_mounted:
            return

        def answered(resolved: MailboxForm | None) -> None:
            if resolved is None:
                return
            self._take_over(resolved)
            if not self.unsaved:
                self.kana.say("Nothing of yours is left to save.", Ink.PLAIN, on=self)
            else:
                self.save_now(self.finished)

        conflict = MailboxConflict(form, newer)
        by = self._news.by if self._news is not None else None
        if not conflict.rows():  # both have saved the same
            answered(conflict.resolved())
            return
        self.app.push_screen(MailboxConflictPanel(self._scene.glyphs, conflict, by), answered)

    def _take_over(self, form: MailboxForm) -> None:
        self._mailbox_form, self._news = form, None
        self.show_form(form)

    def _administration(self, store: Repositories) -> MailboxAdministration:
        return MailboxAdministration(store.mailboxes, self._scene.settings, self._scene.ca_files)

    def with_choices(self, entry: Entry, then: Callable[[], None]) -> None:
        """Queues and departments come and go while a form is open."""
        if not isinstance(FIELD_BY_KEY[entry.key].kind, Queue | Departments):
            then()
            return
        form = self._mailbox_form

        def follow(context: Context) -> None:
            if form is None or form is not self._mailbox_form or not self.is_mounted:
                return
            if context != form.context:
                form.follow(context)
                self.refresh_form()
            then()

        def as_known(_sentence: str) -> None:
            if self.is_mounted:
                then()

        self.kana.ask(lambda store: self._administration(store).context(), follow, as_known)

    def _follow_settings(self) -> None:
        """Watermarks and the SSL switch of config.xml are shown as they are now."""
        form, settings = self._mailbox_form, self._scene.settings()
        if form is None:
            return
        context = evolve(
            form.context, ssl_enabled=settings.ssl_enabled, watermarks=settings.watermarks.marks
        )
        if context != form.context:
            form.follow(context)
            self.refresh_form()

    def _ask(self) -> None:
        """Read the mailbox; once it is here, look whether it is still the same."""
        if self._asking or not self.is_mounted:
            return
        self._asking = True
        if self._mailbox_form is None:
            self.kana.ask(self._read, self._opened, self._fail)
        elif self._mailbox_form.stored is not None:
            known, shown = self._revision, self._mailbox_form.stored
            self.kana.ask(lambda store: _news(store, known, shown), self._told, self._passed)
        else:
            self._asking = False

    async def _read(self, store: Repositories) -> tuple[int, Context, StoredMailbox | None]:
        revision = await store.mailboxes.revision()
        context = await self._administration(store).context()
        if self._mailbox_id == NEW:
            return revision, context, None
        return revision, context, await store.mailboxes.get(self._mailbox_id)

    def _opened(self, answer: tuple[int, Context, StoredMailbox | None]) -> None:
        self._asking = False
        self._revision, context, stored = answer
        if not self.is_mounted:
            return
        if stored is None and self._mailbox_id != NEW:
            self.dismiss()
            self.kana.say("The mailbox was archived or deleted meanwhile.")
            return
        self._trouble = None
        self._take_over(MailboxForm(context, stored))

    def _told(self, news: _News | None) -> None:
        """Who has changed nothing sees what is stored now; anybody else decides when saving."""
        self._asking = False
        form = self._mailbox_form
        if news is None or form is None or form.stored is None or not self.is_mounted:
            return
        self._revision = news.revision
        if news.stored is not None and news.stored == form.stored:
            return
        if news.stored is not None and news.stored == _as_version_of(form.stored, news.stored):
            self._take_over(form.rebased(news.stored, form.values, form.secrets))  # a sign-in
            return
        if news.stored is not None and not self.unsaved and self.line is None:
            self._take_over(MailboxForm(form.context, news.stored))
            by = news.by or "somebody"
            self.kana.say(f"Changed meanwhile by {by}: shown as it is now.", on=self)
        else:
            self._news = news
            self.draw()

    def _fail(self, sentence: str) -> None:
        """Tried again with the next snapshot."""
        self._asking, self._trouble = False, sentence
        if self.is_mounted:
            self.draw()

    def _passed(self, _sentence: str) -> None:
        """An outage is told by the feed; what was typed stays."""
        self._asking = False


def _save_first(glyphs: Glyphs, name: str) -> QuestionPanel[bool]:
    """Cancel has the focus."""
    return QuestionPanel(
        glyphs,
        f"Save {name} first?",
        ["A sign-in is for what is saved; there are unsaved changes."],
        [Answer("Cancel", None), Answer("Save, and sign in", value=True)],
    )


def _as_version_of(stored: StoredMailbox, other: StoredMailbox) -> StoredMailbox:
    return evolve(stored, mailbox=evolve(stored.mailbox, version=other.mailbox.version))


async def _newer(
    store: Repositories, stored: StoredMailbox | None, error: KanaError
) -> StoredMailbox | None:
    """What is stored now, if it is another version than was edited."""
    if stored is None or not isinstance(error, ConflictError):
        return None
    now = await store.mailboxes.get(stored.mailbox.id)
    if now is None or now.mailbox.archived or now.mailbox.version == stored.mailbox.version:
        return None
    return now


async def _news(store: Repositories, known: int | None, shown: StoredMailbox) -> _News | None:
    """None while no mailbox at all has changed."""
    revision = await store.mailboxes.revision()
    if revision == known:
        return None
    stored = await store.mailboxes.get(shown.mailbox.id)
    if stored is not None and stored.mailbox.archived:
        stored = None
    entries = await store.audit.list(object_=f"mailbox:{shown.mailbox.id}", limit=1)
    return _News(revision, stored, entries[-1].operator if entries else None)
