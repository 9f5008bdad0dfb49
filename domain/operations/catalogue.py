"""The catalogue of operations: a dictionary, a decorator, and discovery.

A new operation is one file in this package: a frozen dataclass of its parameters, and a pure
function from pixels to pixels, decorated with what else must be known of it. Nothing but the file
needs to be written; the GraphQL input, the entry in the `operations` query, the form, the
documentation and the property tests follow from it.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar

from domain.errors import InvalidInput, UnknownName
from domain.operations.parameters import Parameters
from domain.recipe import Recipe, Step
from domain.region import Region

if TYPE_CHECKING:
    import numpy.typing as npt

P = TypeVar("P")
F = TypeVar("F", bound=Callable[..., Any])

Pixels: TypeAlias = "npt.NDArray[Any]"
"""Arrays of uint8 or uint16 in OpenCV's order: (height, width) gray, (height, width, 2) gray and alpha,
(height, width, 3) BGR, (height, width, 4) BGRA; alpha is not premultiplied.

An operation never changes the array it is given; it may return it, or a view of it.
"""

Mask: TypeAlias = "npt.NDArray[Any] | None"
"""(height, width) of uint8: how much of each pixel counts, 255 is all of it. None: all of every pixel."""

Size: TypeAlias = tuple[int, int]
"""Width and height in pixels."""

MAX_SIDE: Final = 32_768
MAX_PIXELS: Final = 50_000_000


@dataclass(frozen=True, slots=True)
class Reduction(Generic[P]):
    """How an operation works on a smaller copy of its picture: each side divided by a scale, rounded up.

    Decoders make such copies by averaging, much faster than the picture itself.
    """

    suffices: Callable[[int, int, P, int], bool]
    """From width, height, parameters and scale, whether the result is the same to the eye."""

    apply: Callable[[Pixels, P, Size, int], Pixels]
    """From the copy, parameters, the size of the picture itself, and the scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[P]):
    """A function on pixels, and what is known of it. The fields are those that `operation` explains."""

    name: str
    description: str
    function: Callable[..., Pixels]
    parameters: Parameters[P]
    announce: Callable[[int, int, P], Size] | None
    announces_most: bool
    margin: Callable[[P], int | None]
    convert: Callable[[Pixels, P], Any] | None = None
    measure: Callable[[Any, P, Mask], Any] | None
    neutral: P | None
    scales: bool
    commutes_with_averaging: bool
    reduction: Reduction[P] | None

    @property
    def moves_pixels(self) -> bool:
        """Or changes their number: neither can be done with a part of a picture alone."""
        return self.announce is not None


@dataclass(frozen=True, slots=True)
class Call(Generic[P]):
    """A step with its name resolved and its parameters checked."""

    operation: Operation[P]
    parameters: P
    region: Region | None = None

    def announced(self, size: Size) -> Size:
        """The size of the result for an input of this size; of some operations, the most that it may be.

        Raises InvalidInput where it is over the limits, or parameters or region do not fit the input.
        """
        if self.region is not None:
            self.region.check_within(*size, self.operation.name)
        if self.operation.announce is None:
            return size
        width, height = self.operation.announce(*size, self.parameters)
        if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
            raise InvalidInput(
                f"{self.operation.name} would make {width:,} x {height:,} pixels; "
                f"at most {MAX_SIDE:,} a side and {MAX_PIXELS:,} in all are made.",
                field=self.operation.name,
            )
        return width, height

    def apply(self, pixels: Pixels) -> Pixels:
        """Raises InvalidInput as `announced` does: the size may be less than what was announced before."""
        self.announced((pixels.shape[1], pixels.shape[0]))
        if self.region is not None:
            from domain.operations.regional import apply_within  # noqa: PLC0415  (imports OpenCV, once a process)

            return apply_within(self, self.region, pixels)
        converted = self._converted(_in_one_piece(pixels))
        return self._changed(converted, self._measured(converted, None))

    def measured(self, pixels: Pixels, mask: Mask) -> object:
        """What the operation takes from the whole of a picture, or from the part that a mask shows."""
        return self._measured(self._converted(pixels), mask)

    def run(self, pixels: Pixels, measured: object) -> Pixels:
        """The function on a picture or a part of it, with what was measured."""
        return self._changed(self._converted(_in_one_piece(pixels)), measured)

    def _converted(self, pixels: Pixels) -> Any:  # noqa: ANN401  (what convert makes)
        convert = self.operation.convert
        return pixels if convert is None else convert(pixels, self.parameters)

    def _measured(self, converted: Any, mask: Mask) -> object:  # noqa: ANN401
        measure = self.operation.measure
        return None if measure is None else measure(converted, self.parameters, mask)

    def _changed(self, converted: Any, measured: object) -> Pixels:  # noqa: ANN401
        if self.operation.measure is None:
            return self.operation.function(converted, self.parameters)
        return self.operation.function(converted, self.parameters, measured)


def _in_one_piece(pixels: Pixels) -> Pixels:
    """A copy of a view: at the ends of rows OpenCV rounds otherwise than within, so that the last bit of a
    result could depend on how the picture lies in memory."""
    return pixels if pixels.flags.c_contiguous else pixels.copy()


def operation(  # noqa: PLR0913 -- an operation has this many traits, each named where it is declared
    name: str,
    parameters: type[P],
    *,
    announce: Callable[[int, int, P], Size] | None = None,
    announces_most: bool = False,
    margin: Callable[[P], int | None] = lambda _: 0,
    convert: Callable[[Pixels, P], Any] | None = None,
    measure: Callable[[Any, P, Mask], Any] | None = None,
    neutral: P | None = None,
    scales: bool = False,
    commutes_with_averaging: bool = False,
    reduction: Reduction[P] | None = None,
) -> Callable[[F], F]:
    """Put a function into the catalogue; its docstring becomes the description.

    `announce(width, height, parameters)` is the size of the result, where pixels are moved or their number
    may change; such an operation takes no region. Raises InvalidInput where parameters do not fit the size.
    `announces_most`: the size of the result depends on pixels; no side of it is longer than announced.
    `margin(parameters)` says how many pixels around a pixel its result depends on; None: on its place in
    the picture, or on all of it.
    `convert(pixels, parameters)` makes what measure and function get instead of the pixels, such as their
    luma: once, where both concern the same picture.
    `measure(pixels, parameters, mask)` is what is taken from all that the mask shows, such as a mean or a
    histogram: the function gets it as its third argument.
    `neutral` parameters change nothing.
    `scales`: on a smaller copy of a picture, with its lengths (parameters in px) smaller alike, it gives a
    smaller copy of its result, to the eye. Previews are made so.
    `commutes_with_averaging`: to do it and then average neighbours is to average and then do it.
    `reduction` is for operations that scale down by averaging.

    Raises ValueError where the name is taken, and TypeError where the declaration is not complete.
    """

    def register(function: F) -> F:
        if name in _registry:
            raise ValueError(f"two operations are called {name!r}")
        if not function.__doc__:
            raise TypeError(f"{name} needs a docstring: it is its documentation")
        _registry[name] = Operation(
            name=name,
            description=inspect.cleandoc(function.__doc__),
            function=function,
            parameters=Parameters(name, parameters),
            announce=announce,
            announces_most=announces_most,
            margin=margin,
            convert=convert,
            measure=measure,
            neutral=neutral,
            scales=scales,
            commutes_with_averaging=commutes_with_averaging,
            reduction=reduction,
        )
        return function

    return register


_registry: Final[dict[str, Operation[Any]]] = {}


@cache
def operations() -> Mapping[str, Operation[Any]]:
    """Every operation by its name, in alphabetical order."""
    package = importlib.import_module(__name__.rpartition(".")[0])
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
    return MappingProxyType(dict(sorted(_registry.items())))


def resolve(recipe: Recipe) -> tuple[Call[Any], ...]:
    """A recipe ready to be applied. Raises UnknownName and InvalidInput."""
    return tuple(_call(step) for step in recipe.steps)


def canonical(recipe: Recipe) -> Recipe:
    """The one way to write this recipe: every parameter that has a value, defaults filled in.

    Raises UnknownName and InvalidInput.
    """
    return Recipe(tuple(map(_step, resolve(recipe))))


def announced_size(recipe: Recipe, size: Size) -> Size:
    """What becomes of a picture's size.

    Raises UnknownName and InvalidInput, also where a step on the way is over the limits.
    """
    for call in resolve(recipe):
        size = call.announced(size)
    return size


def apply(recipe: Recipe, pixels: Pixels) -> Pixels:
    """The pixels after all steps. Raises UnknownName and InvalidInput."""
    for call in resolve(recipe):
        pixels = call.apply(pixels)
    return pixels


def _call(step: Step) -> Call[Any]:
    found = operations().get(step.operation)
    if found is None:
        raise UnknownName("operation", step.operation, operations(), field="operation")
    parameters = found.parameters.read(step.parameters)
    if step.region is None:
        return Call(found, parameters)
    if found.moves_pixels:
        raise InvalidInput(
            f"{found.name} takes no region: it moves pixels or changes their number, which a part of a "
            "picture cannot do alone.",
            field=f"{found.name}.region",
        )
    return Call(found, parameters, step.region.checked(found.name))


def _step(call: Call[Any]) -> Step:
    return Step(call.operation.name, call.operation.parameters.write(call.parameters), call.region)
