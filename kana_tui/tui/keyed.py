"""Keys as the registry declares them, on a page or a panel of Textual's."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from kana_tui.tui.action import Action, Situation
from kana_tui.tui.actions import actions_in, by_key
from kana_tui.tui.places import Place


def bindings(*places: Place) -> list[BindingType]:
    """For the class that stands in these places, one at a time."""
    keys = {key: None for place in places for a in actions_in(place) for key in a.keys_in(place)}
    return [Binding(key, f"press('{key}')", show=False) for key in keys]


class Keyed:
    """Does `do_ID` for a key of `place`, or says why not.

    Mixed into a screen of Textual's, before it: nothing but the registry's keys
    has an effect there.
    """

    @property
    def place(self) -> Place:
        """Where the keys are looked up, now."""
        raise NotImplementedError

    def situation(self) -> Situation:
        return Situation()

    def refuse(self, sentence: str) -> None:
        """Tell why an action was not done."""
        raise NotImplementedError

    def type(self, text: str) -> None:
        """What was typed or pasted while `place` is one to type in."""
        raise NotImplementedError

    def perform(self, action: Action) -> None:
        sentence = action.refusal(self.situation())
        if sentence is not None:
            self.refuse(sentence)
            return
        getattr(self, f"do_{action.id}")()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether Textual may call it: only ours, and only for a key that counts here."""
        return action == "press" and parameters[0] in by_key(self.place)

    def action_press(self, key: str) -> None:
        self.perform(by_key(self.place)[key])
