"""The editor: steps by forms, parts of the picture, previews, undo, histogram, presets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from playwright.async_api import expect

from tests.client.pages import Pages
from tests.client.pictures import png
from tests.client.test_accessibility import check

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

    from tests.server import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")

RECIPE = """query ($id: ID!) { image(id: $id) {
    recipe { steps { number operation parameters region enabled } }
    history(last: 1) { nodes { type } } } }"""
APPEND = """mutation ($id: ID!, $steps: [StepInput!]!) {
    appendSteps(input: {id: $id, steps: $steps}) { userErrors { code } } }"""
OPERATIONS = "{ operations { name takesRegion parameters { name required neutral } } }"
TRIAL = """query ($id: ID!, $steps: [StepInput!]!) { image(id: $id) { preview(width: 8, steps: $steps) } }"""

FORMS = """async () => {
    const { initialValues, parametersOf, stepInput } = await import('/static/client/editor/catalogue.js');
    const { OPERATIONS } = await import('/static/client/documents.js');
    const { request } = await import('/static/client/graphql.js');
    const { operations } = await request(OPERATIONS);
    const picker = document.querySelector('#operation');

    async function form(operation) {
        picker.value = operation.name;
        picker.dispatchEvent(new Event('change'));
        await new Promise(requestAnimationFrame);
        const form = document.querySelector('.draft');
        const isNamed = (field) => field.labels.length > 0 || field.ariaLabel;
        const unlabelled = (field) => field.matches('input, select') && !isNamed(field);
        return {
            fields: Array.from(form.querySelectorAll('[data-parameter]'), (field) => field.dataset.parameter),
            takesRegion: Boolean(form.querySelector('fieldset')),
            unlabelled: Array.from(form.elements).filter(unlabelled).length,
        };
    }

    function step(operation) {
        const values = initialValues(operation);
        for (const { name, type, required, minimum } of operation.parameters) {
            if (required) values[name] ||= type === 'TEXT' ? 'Text' : String(minimum + 5);
        }
        const parameters = parametersOf(operation, values);
        return stepInput(operations, { operation: operation.name, parameters, region: null });
    }

    const found = {};
    for (const operation of operations) {
        found[operation.name] = { ...await form(operation), step: step(operation) };
    }
    return found;
}"""
LISTEN = """() => {
    window.announced = [];
    const announcer = document.querySelector('[data-announcer]');
    new MutationObserver(() => announced.push(announcer.innerText)).observe(announcer, {
        childList: true, characterData: true, subtree: true,
    });
}"""
PIXEL = """async (picture, [x, y]) => {
    // Fails where another picture takes its place meanwhile.
    while (!(await picture.decode().then(() => true, () => false))) ;
    const canvas = new OffscreenCanvas(picture.naturalWidth, picture.naturalHeight).getContext('2d');
    canvas.drawImage(picture, 0, 0);
    return Array.from(canvas.getImageData(x, y, 1, 1).data.slice(0, 3));
}"""
# Of which something must be said that no catalogue knows.
INCOMPLETE = {"perspective", "resize"}

GRAY: dict[str, Any] = {"grayscale": {}}
INVERT: dict[str, Any] = {"invert": {}}


class Opened(NamedTuple):
    """An image of 120 x 80 px, of one colour but for its number, and its page."""

    page: Page
    image_id: str

    async def add(self, operation: str) -> None:
        await self.page.get_by_label("Add a step").select_option(operation)

    async def submit(self) -> None:
        await self.page.get_by_role("button", name="Add step").click()
        await expect(self.page.locator(".draft")).to_have_count(0)

    @property
    def steps(self) -> Locator:
        return self.page.locator(".steps li")

    async def pixel(self, x: int, y: int) -> tuple[int, int, int]:
        """Of the picture that the stage shows."""
        red, green, blue = await self.page.locator(".stage img").evaluate(PIXEL, [x, y])
        return red, green, blue

    async def shows(self, x: int, y: int, colour: tuple[int, int, int]) -> None:
        """Sooner or later: previews come after a pause. Within what JPEG changes."""
        for _ in range(50):
            found = await self.pixel(x, y)
            if all(abs(one - other) <= 4 for one, other in zip(found, colour, strict=True)):
                return
            await self.page.wait_for_timeout(50)
        pytest.fail(f"{found} is not {colour}")

    async def says(self, text: str) -> None:
        """To those who do not look, sooner or later; other things may be said right after it."""
        await self.page.wait_for_function("text => announced.includes(text)", arg=text)

    async def drag(self, *places: tuple[float, float]) -> None:
        """With the mouse, over places of the picture from (0, 0) to (1, 1)."""
        area = self.page.locator(".selection:not([data-kind=whole])")
        await expect(area).to_be_visible()
        box = await area.bounding_box()
        assert box is not None
        for index, (across, down) in enumerate(places):
            await self.page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
            if index == 0:
                await self.page.mouse.down()
        await self.page.mouse.up()


async def opened(
    pages: Pages,
    server: Server,
    *steps: Any,  # noqa: ANN401
    width: int = 1200,
    size: tuple[int, int] = (120, 80),
) -> Opened:
    file = png("edited.png", *size)
    image_id: str = (await server.upload(file["buffer"], file["name"]))["image"]["id"]
    if steps:
        await server.query(APPEND, id=image_id, steps=steps)
    page = await pages.open(server, f"/images/{image_id}", width=width, height=900)
    await expect(page.get_by_label("Add a step")).to_be_visible()
    await page.evaluate(LISTEN)
    return Opened(page, image_id)


async def recipe(server: Server, image_id: str) -> list[Any]:
    found = await server.query(RECIPE, id=image_id)
    steps: list[Any] = found["image"]["recipe"]["steps"]
    return steps


def inverted(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    red, green, blue = colour
    return 255 - red, 255 - green, 255 - blue


async def test_a_step_is_tried_out_and_added(darkroom: Server, pages: Pages) -> None:
    """The picture changes while the form is filled in, and the recipe when it is sent."""
    image = await opened(pages, darkroom)
    colour = await image.pixel(100, 60)
    await image.add("brightness")
    slider = image.page.get_by_role("slider", name="Factor, slider")
    await slider.fill("0")
    await expect(image.page.get_by_role("spinbutton", name="Factor")).to_have_value("0")
    await image.shows(100, 60, (0, 0, 0))
    assert await recipe(darkroom, image.image_id) == []
    await image.page.get_by_role("button", name="Without it").click()
    await image.shows(100, 60, colour)
    await image.submit()
    await expect(image.steps).to_contain_text(["Brightness"])
    await image.says("Added “Brightness”.")
    await image.shows(100, 60, (0, 0, 0))
    found = await darkroom.query(RECIPE, id=image.image_id)
    assert found["image"]["history"]["nodes"] == [{"type": "RecipeChanged"}]
    assert [step["parameters"] for step in found["image"]["recipe"]["steps"]] == [{"factor": 0.0}]
    await expect(image.page.get_by_label("Add a step")).to_be_focused()


async def test_a_box_is_drawn_with_the_mouse_or_typed(darkroom: Server, pages: Pages) -> None:
    """Either way it is the region of the step, and only there the picture changes."""
    image = await opened(pages, darkroom)
    colour = await image.pixel(100, 60)
    await image.add("invert")
    await image.page.get_by_label("A box").check()
    await image.drag((0.9, 0.9), (0.7, 0.6), (0.502, 0.501))
    typed = [await image.page.get_by_role("spinbutton", name=f"{side} px").input_value() for side in "XY"]
    assert typed == ["60", "40"]
    await image.page.get_by_role("spinbutton", name="Width px").fill("50")
    await image.page.get_by_role("spinbutton", name="Height px").fill("30")
    await image.page.get_by_role("spinbutton", name="Soft edge px").fill("0.5")
    await image.shows(100, 60, inverted(colour))
    await image.shows(20, 60, colour)
    await image.submit()
    (step,) = await recipe(darkroom, image.image_id)
    assert step["region"] == {"rectangle": {"x": 60, "y": 40, "width": 50, "height": 30, "feather": 0.5}}
    await expect(image.steps).to_contain_text(["in a box of 50 \N{MULTIPLICATION SIGN} 30 px at 60, 40"])


async def test_a_lasso_is_drawn_with_the_mouse(darkroom: Server, pages: Pages) -> None:
    """And not sent before it is drawn."""
    image = await opened(pages, darkroom)
    colour = await image.pixel(100, 60)
    await image.add("invert")
    await image.page.get_by_label("A lasso").check()
    await image.page.get_by_role("button", name="Add step").click()
    await expect(image.page.get_by_role("alert")).to_contain_text("Draw around a part of the picture")
    await image.drag((0.5, 0.25), (0.99, 0.25), (0.99, 0.95), (0.5, 0.95))
    await image.shows(100, 60, inverted(colour))
    await image.shows(20, 60, colour)
    await image.submit()
    (step,) = await recipe(darkroom, image.image_id)
    points = step["region"]["polygon"]["points"]
    assert len(points) == 4
    assert points[0] == {"x": 60, "y": 20}


async def test_a_box_on_a_large_picture_is_in_its_own_pixels(darkroom: Server, pages: Pages) -> None:
    """However small it is shown, and however small the preview is."""
    image = await opened(pages, darkroom, size=(2400, 240))
    await image.add("invert")
    await image.page.get_by_label("A box").check()
    await image.drag((0.05, 0.05), (1.1, 1.1))
    await image.submit()
    (step,) = await recipe(darkroom, image.image_id)
    box = step["region"]["rectangle"]
    assert (box["x"] + box["width"], box["y"] + box["height"]) == (2400, 240)
    assert abs(box["x"] - 120) < 5
    assert abs(box["y"] - 12) < 5
    await expect(image.page.locator(".stage img")).to_have_attribute("width", "1600")


async def test_a_crop_is_drawn_before_it_is_made(darkroom: Server, pages: Pages) -> None:
    """What would be cut off is still seen."""
    image = await opened(pages, darkroom)
    await image.add("crop")
    await expect(image.page.get_by_text("Part of the picture")).to_have_count(0)
    await image.drag((0.25, 0.25), (0.75, 0.75))
    await expect(image.page.get_by_role("spinbutton", name="Width px")).to_have_value("60")
    await expect(image.page.locator(".stage img")).to_have_attribute("width", "120")
    await image.submit()
    await expect(image.page.locator(".stage img")).to_have_attribute("width", "60")
    (step,) = await recipe(darkroom, image.image_id)
    assert step["parameters"] == {"width": 60, "height": 40, "x": 30, "y": 20}


async def test_steps_are_changed_moved_switched_off_and_removed(darkroom: Server, pages: Pages) -> None:
    """One by one, and by the keyboard alone."""
    image = await opened(pages, darkroom, {"brightness": {"factor": 2}}, INVERT)
    await image.page.get_by_role("button", name="Move Invert up").press("Enter")
    await expect(image.steps.locator("strong")).to_have_text(["Invert", "Brightness"])
    await image.page.get_by_role("checkbox", name="Do step 1, Invert").press("Space")
    await expect(image.steps.first).to_have_class("disabled")
    await expect(image.page.get_by_role("checkbox", name="Do step 1, Invert")).not_to_be_checked()
    await image.page.get_by_role("button", name="Change Brightness").press("Enter")
    await expect(image.page.get_by_role("heading", name="Brightness")).to_be_focused()
    await image.page.get_by_role("spinbutton", name="Factor").fill("0")
    await image.shows(100, 60, (0, 0, 0))
    await image.page.get_by_role("spinbutton", name="Factor").press("Enter")
    await expect(image.steps.nth(1)).to_contain_text("factor 0")
    assert [(step["number"], step["enabled"]) for step in await recipe(darkroom, image.image_id)] == [
        (2, False),
        (1, True),
    ]
    await image.page.get_by_role("button", name="Remove Invert").press("Enter")
    await expect(image.steps).to_have_count(1)
    await expect(image.page.get_by_role("heading", name="Steps")).to_be_focused()


async def test_undo_and_redo_say_what_they_brought_back(darkroom: Server, pages: Pages) -> None:
    """By the image's own history; where there is nothing left, that is said."""
    image = await opened(pages, darkroom, GRAY, INVERT)
    colour = await image.pixel(100, 60)
    redo = image.page.get_by_role("button", name="Redo")
    await image.page.get_by_role("button", name="Undo").click()
    await expect(image.steps).to_have_count(0)
    await image.says("Undone: the steps.")
    await image.page.keyboard.press("Control+Shift+Z")
    await expect(image.steps).to_have_count(2)
    await image.shows(100, 60, colour)
    await redo.click()
    await expect(image.page.locator(".toast")).to_contain_text("There is nothing to redo.")


async def test_a_refusal_is_shown_at_the_form(darkroom: Server, pages: Pages) -> None:
    """With the words of the API; what was typed stays."""
    image = await opened(pages, darkroom)
    await image.add("crop")
    await image.page.get_by_role("spinbutton", name="Width px").fill("5000")
    await image.page.get_by_role("spinbutton", name="Height px").fill("40")
    await image.page.get_by_role("button", name="Add step").click()
    await expect(image.page.get_by_role("alert")).to_contain_text("120 x 80")
    await expect(image.page.get_by_role("spinbutton", name="Width px")).to_have_value("5000")
    await image.add("resize")
    await expect(image.page.locator(".draft .problem")).to_contain_text("width")
    assert await recipe(darkroom, image.image_id) == []


async def test_escape_gives_a_step_up_and_keeps_the_image_open(darkroom: Server, pages: Pages) -> None:
    """A second one goes back to the gallery."""
    image = await opened(pages, darkroom)
    await image.add("flip")
    await image.page.get_by_role("button", name="Without it").focus()
    await image.page.keyboard.press("Escape")
    await expect(image.page.locator(".draft")).to_have_count(0)
    await expect(image.page.get_by_label("Add a step")).to_be_focused()
    await expect(image.page.get_by_role("heading", level=1)).to_have_text("edited.png")


async def test_a_histogram_follows_the_picture(darkroom: Server, pages: Pages) -> None:
    """Of the step on trial, and of the part that is selected; in words as well."""
    image = await opened(pages, darkroom)
    await image.page.locator("summary").filter(has_text="Histogram").click()
    chart, words = image.page.get_by_role("img", name="Brightness from"), image.page.locator("figcaption")
    await expect(chart.locator("path")).to_have_count(4)
    await expect(words).to_contain_text("9,600 px")
    before = await chart.locator(".luminance").get_attribute("d")
    await image.add("brightness")
    await image.page.get_by_role("spinbutton", name="Factor").fill("0")
    await expect(words).to_contain_text("100 % is black")
    assert await chart.locator(".luminance").get_attribute("d") != before
    await image.page.get_by_label("A box").check()
    await expect(words).to_contain_text("Of the selected part: 2,400 px")


async def test_the_recipe_becomes_a_preset_that_renders(darkroom: Server, pages: Pages) -> None:
    """In its own format; the rendition appears by itself, and can be downloaded."""
    image = await opened(pages, darkroom, GRAY, INVERT)
    await image.page.locator("summary").filter(has_text="Presets").click()
    save = image.page.locator(".save")
    await save.get_by_label("Save these steps as a preset").fill("negative")
    await save.get_by_label("Format").select_option("JPEG")
    await save.get_by_label("Quality").fill("70")
    await save.get_by_role("button", name="Save preset").click()
    await expect(image.page.locator(".presets li")).to_contain_text(
        ["Thumbnail", "Grayscale 300", "Grayscale, then Invert"]
    )
    await save.get_by_label("Save these steps as a preset").fill("negative")
    await expect(save.get_by_role("button", name="Replace preset")).to_be_visible()
    other = await opened(pages, darkroom)
    await other.page.get_by_label("Make a rendition").select_option("negative")
    await other.page.get_by_role("button", name="Render", exact=True).click()
    made = other.page.locator(".renditions li[data-preset=negative]")
    await expect(made).to_contain_text("120 \N{MULTIPLICATION SIGN} 80 · JPEG", timeout=20_000)
    async with other.page.expect_download() as download:
        await made.get_by_role("link", name="Download Negative").click()
    assert (await (await download.value).path()).read_bytes().startswith(b"\xff\xd8")
    await image.page.get_by_role("button", name="Remove the preset negative").click()
    await expect(other.page.locator(".presets li")).to_have_count(2)


async def test_a_change_made_elsewhere_is_shown(darkroom: Server, pages: Pages) -> None:
    """Its step in the list, and what it does to the picture, also behind a step on trial."""
    image = await opened(pages, darkroom)
    await expect(image.page.locator(".status[data-connection=live]")).to_be_visible()
    colour = await image.pixel(100, 60)
    await darkroom.query(APPEND, id=image.image_id, steps=[INVERT])
    await expect(image.steps).to_have_count(1)
    await image.shows(100, 60, inverted(colour))
    await image.add("invert")
    await image.shows(100, 60, colour)
    await darkroom.query(APPEND, id=image.image_id, steps=[INVERT])
    await image.shows(100, 60, inverted(colour))
    await image.submit()
    assert len(await recipe(darkroom, image.image_id)) == 3


async def test_every_operation_has_a_form(darkroom: Server, pages: Pages) -> None:
    """A labelled field for each parameter, a part where it takes one; and its steps are those of the API."""
    image = await opened(pages, darkroom)
    await image.add("grayscale")
    await expect(image.page.locator(".draft fieldset")).to_have_count(1)
    found = await image.page.evaluate(FORMS)
    catalogue = (await darkroom.query(OPERATIONS))["operations"]
    assert list(found) == [operation["name"] for operation in catalogue]
    for operation in catalogue:
        form = found[operation["name"]]
        assert form["fields"] == [parameter["name"] for parameter in operation["parameters"]]
        assert form["takesRegion"] == operation["takesRegion"]
        assert form["unlabelled"] == 0, operation["name"]
        if operation["name"] not in INCOMPLETE:
            await darkroom.query(TRIAL, id=image.image_id, steps=[form["step"]])


@pytest.mark.parametrize("width", [1200, 320])
async def test_nobody_is_kept_out(darkroom: Server, pages: Pages, width: int) -> None:
    """By no rule of axe, with all of the editor open; and nothing is wider than the window."""
    image = await opened(pages, darkroom, {"brightness": {"factor": 0.5}}, width=width)
    for door in ("Histogram", "Presets"):
        await image.page.locator("summary").filter(has_text=door).click()
    await image.add("watermark")
    await image.page.get_by_label("A box").check()
    await expect(image.page.locator("figcaption")).to_contain_text("px")
    await check(image.page)
    assert not await image.page.evaluate("document.documentElement.scrollWidth > innerWidth")
