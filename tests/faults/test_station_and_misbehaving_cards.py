"""Whatever a card does, whoever holds it has an answer within the session's deadline, and the next card is served.

Every card of the SDK's catalogue, and cards that misbehave below it: on the air, or by taking their time for ever. The
session is shorter than a real one, so that a card that takes its time needs less of it here.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from appliance.checkin.service import Decision
from appliance.config import Config
from appliance.config.clock import ClockConfig
from appliance.demo.simulation import Simulation, running
from appliance.demo.stage import Stage
from appliance.firmware_host.simulator.card_options import CardOptions
from appliance.kiosk.display import DisplayState
from appliance.meetings import MeetingKind
from appliance.services import Services
from appliance.station.answers import TapResult
from verifier.sdk import Outcome
from verifier.sdk.testing import VirtualChip
from verifier.sdk.testing.misbehaving import CATALOGUE, Scene

NOW = datetime.now(UTC)
SESSION_S = 3.0
SLACK_S = 4.0
"""For a machine that stands still; a card that was waited for without an end would take longer than both."""
LET_IN = {Decision.PRESENT, Decision.PRESENT_LATE, Decision.VISITING, Decision.ALREADY_PRESENT}
TURNED_AWAY = {Decision.TRY_AGAIN, Decision.SEE_OFFICER, Decision.REFUSED}


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(at=NOW)


@pytest.fixture(scope="module")
def chips(scene: Scene) -> dict[str, VirtualChip]:
    return {name: card.make(scene) for name, card in CATALOGUE.items()}


@pytest.fixture(scope="module")
def simulation(
    tmp_path_factory: pytest.TempPathFactory, scene: Scene, chips: dict[str, VirtualChip]
) -> Iterator[Simulation]:
    """A station that believes the scene's issuers, in a meeting of people whom it does not know."""
    config = replace(Config.for_state(tmp_path_factory.mktemp("state")), clock=ClockConfig(trust="system"))
    assert chips, "those that are on the card status list are entered"
    scene.home.write_to(config.trust_directory)
    scene.foreign.write_to(config.trust_directory)
    config.card_status_path.write_bytes(scene.card_status.issue(at=NOW))
    config.card_status_key_path.write_bytes(scene.card_status.public_key)
    services = Services.open(config)
    starts = NOW + timedelta(minutes=20)
    meeting = services.meetings.create(kind=MeetingKind.CONGRESS, title="Thử", place="Thử", starts_at=starts)
    services.meetings.open(meeting.id, at=NOW, officer="Mẫu Cán Bộ")
    with running(Stage(services, ()), result_seconds=0.0) as simulation:
        simulation.door.session_seconds = SESSION_S
        yield simulation
    services.database.close()


def hold(simulation: Simulation, scanned: str, chip: VirtualChip, options: CardOptions | None = None) -> TapResult:
    simulation.wait_for(DisplayState.READY)
    simulation.scanner.scan(scanned)
    simulation.reader.field.place(chip, options)
    try:
        return simulation.results.get(timeout=60)
    finally:
        simulation.reader.field.remove()


def in_time(result: TapResult) -> bool:
    return result.elapsed_ms / 1000 < SESSION_S + SLACK_S


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_card_of_the_catalogue_is_answered_in_time_and_as_its_entry_says(
    simulation: Simulation, scene: Scene, chips: dict[str, VirtualChip], name: str
) -> None:
    card, chip = CATALOGUE[name], chips[name]
    chip.reset()
    entries = simulation.stage.services.ledger.verify().entries
    result = hold(simulation, chip.data.mrz if card.opened_by_mrz else scene.can, chip)
    assert in_time(result), result
    if card.expectation.outcome is Outcome.PASSED:
        assert result.decision in LET_IN, result
    else:
        assert result.decision in TURNED_AWAY, result
        recorded = simulation.stage.services.ledger.verify().entries - entries
        assert recorded == (result.decision is Decision.REFUSED), "a refusal, and nothing else"


@pytest.mark.parametrize(
    "options",
    [
        CardOptions(tb=0xE0, delay_s=5.0),
        CardOptions(tb=0x40, delay_s=5.0),
        CardOptions(tb=0xC0, extra_waits=1_000_000),
        CardOptions(tb=0x80, extra_waits=1_000_000, wait_multiplier=59),
        CardOptions(chain_size=1, extra_waits=3),
        CardOptions(fsci=0, chain_size=1),
        CardOptions(ats=b"\x02"),
        CardOptions(tb=0xEE),
        CardOptions(agrees_to_rates=False, extra_waits=2),
    ],
    ids=repr,
)
def test_a_card_that_takes_its_time_is_answered_in_time(
    simulation: Simulation, scene: Scene, options: CardOptions
) -> None:
    result = hold(simulation, scene.can, VirtualChip(scene.chip_data()), options)
    assert in_time(result), result
    assert result.decision in LET_IN | {Decision.TRY_AGAIN}


def _silent(_number: int, _command: bytes, _response: bytes) -> bytes:
    raise RuntimeError  # the simulated chip breaks down, and falls silent


def _endless(_number: int, _command: bytes, _response: bytes) -> bytes:
    return bytes(200_000)


def _empty(_number: int, _command: bytes, _response: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("tamper", [_silent, _endless, _empty])
def test_a_card_that_breaks_the_protocol_for_good_is_answered_in_time(
    simulation: Simulation, scene: Scene, tamper: Callable[[int, bytes, bytes], bytes]
) -> None:
    result = hold(simulation, scene.can, VirtualChip(scene.chip_data(), tamper=tamper))
    assert in_time(result), result
    assert result.decision in {Decision.TRY_AGAIN, Decision.SEE_OFFICER}


@pytest.mark.parametrize("scanned", ["", "not a code", "000000"])
def test_whoever_has_no_code_or_a_wrong_one_is_answered_in_time(
    simulation: Simulation, scene: Scene, scanned: str
) -> None:
    result = hold(simulation, scanned, VirtualChip(scene.chip_data()))
    assert in_time(result), result
    assert result.decision is Decision.TRY_AGAIN
    assert result.reason in {"password-missing", "access-denied"}


def test_after_all_of_them_a_good_card_passes(simulation: Simulation, scene: Scene) -> None:
    assert hold(simulation, scene.can, VirtualChip(scene.chip_data())).decision in LET_IN
