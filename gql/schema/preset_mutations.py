"""What may be asked of presets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import strawberry

from domain.errors import Refusal
from domain.preset_service import PresetDone, WantedPreset
from domain.requests import Caller
from domain.wanted_output import AS_USUAL
from gql.context import Ask, Context
from gql.schema.catalogue import Preset, preset_from
from gql.schema.operation_mutations import OperationPayload, operation_answer
from gql.schema.output import OutputInput
from gql.schema.payloads import COMMAND_ID, EXPECTED, POSITION, UserError, user_error
from gql.schema.recipe import StepInput, steps_from
from gql.schema.scalars import Cursor


@strawberry.input(description="The whole definition, new or in place of the one of this name.")
class SavePresetInput:
    name: str = strawberry.field(description="1 to 64 of a to z, 0 to 9 and hyphens; none that is built in.")
    steps: list[StepInput]
    description: str = ""
    output: OutputInput | None = None
    expected_version: int | None = strawberry.field(
        default=None, description=f"{EXPECTED} 0: there is none of this name."
    )
    command_id: strawberry.ID | None = strawberry.field(default=None, description=COMMAND_ID)


@strawberry.input(description="A preset that is there, and the version of it that is meant.")
class PresetInput:
    name: str
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED)
    command_id: strawberry.ID | None = strawberry.field(default=None, description=COMMAND_ID)


@strawberry.input
class RemovePresetInput(PresetInput):
    pass


@strawberry.input
class RollBackPresetInput(PresetInput):
    pass


@strawberry.input
class ReplayPresetInput(PresetInput):
    expected_version: int | None = strawberry.field(
        default=None, description=f"{EXPECTED} That of the dry run, for what it told."
    )


@strawberry.type
class PresetPayload:
    preset: Preset | None = strawberry.field(description="null where it was removed.")
    position: Cursor | None = strawberry.field(description=POSITION)
    user_errors: list[UserError]


@strawberry.type
class PresetMutations:
    @strawberry.mutation(
        description="Save a recipe by a name. What was rendered before stays, and is shown, until you replay "
        "the preset; what is rendered from now on is by this one."
    )
    async def save_preset(self, info: Ask, input: SavePresetInput) -> PresetPayload:  # noqa: A002
        context = info.context
        return await _answer(
            context,
            lambda: context.saved_presets.save(
                context.caller, _wanted(input), input.expected_version, input.command_id
            ),
        )

    @strawberry.mutation(
        description="Render all images that have a rendition by this preset by its newest version, and then "
        "show that one, of all images at once. `presetReplay` tells before what that means. Until then, and "
        "where it is cancelled, images show the version that they show. Those that cannot be rendered are "
        "counted, and show the newest rendition that they have."
    )
    async def replay_preset(self, info: Ask, input: ReplayPresetInput) -> OperationPayload:  # noqa: A002
        context = info.context
        return await operation_answer(
            context,
            lambda: context.replays.start(
                context.caller, input.name, input.expected_version, input.command_id
            ),
        )

    @strawberry.mutation(
        description="Show the version that images showed before the last replay, at once: its renditions are "
        "still there. Its definition is saved once more, as the newest. Refused with NOTHING_TO_ROLL_BACK "
        "where there is none."
    )
    async def roll_back_preset(self, info: Ask, input: RollBackPresetInput) -> PresetPayload:  # noqa: A002
        return await _change(info.context, input, info.context.saved_presets.roll_back)

    @strawberry.mutation(description="Forget a preset. What was rendered by it stays.")
    async def remove_preset(self, info: Ask, input: RemovePresetInput) -> PresetPayload:  # noqa: A002
        return await _change(info.context, input, info.context.saved_presets.remove)


def _wanted(asked: SavePresetInput) -> WantedPreset:
    """Raises InvalidInput."""
    return WantedPreset(
        name=asked.name,
        steps=steps_from(asked.steps),
        description=asked.description,
        output=AS_USUAL if asked.output is None else asked.output.to_domain(),
    )


async def _change(
    context: Context,
    asked: PresetInput,
    change: Callable[[Caller, str, int | None, str | None], Awaitable[PresetDone]],
) -> PresetPayload:
    return await _answer(
        context, lambda: change(context.caller, asked.name, asked.expected_version, asked.command_id)
    )


async def _answer(context: Context, ask: Callable[[], Awaitable[PresetDone]]) -> PresetPayload:
    try:
        done = await ask()
    except Refusal as refusal:
        return PresetPayload(preset=None, position=None, user_errors=[user_error(refusal)])
    found = await context.read_model.presets(context.caller.owner)
    preset = next((each for each in found.value if each.name == done.name), None)
    return PresetPayload(
        preset=None if preset is None else preset_from(preset, found.as_of, context),
        position=Cursor(context.cursor(done.position)),
        user_errors=[],
    )
