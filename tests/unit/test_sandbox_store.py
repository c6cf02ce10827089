"""The memory of the pretend networks: nothing that was accepted may go missing in it."""

from datetime import UTC, datetime

from sandbox.store import Draft, Network, Store

AT = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


def test_posts_of_one_moment_stand_on_every_network() -> None:
    store = Store()
    made = [
        store.publish(
            store.add_account(network, f"humas_{network.value}"),
            Draft(text=f"Halo {network.value}", media_ids=(), reply_to=None, at=AT),
        )
        for network in Network
        for _ in range(3)
    ]
    assert len({post.id for post in made}) == len(made)
    assert sorted(store.posts) == sorted(post.id for post in made)
    for network in Network:
        ids = [post.id for post in made if post.network is network]
        assert ids == sorted(ids)


def test_numbers_of_one_moment_are_given_once() -> None:
    store = Store()
    numbered_alike = set(Network) - {Network.X, Network.TELEGRAM}
    given = [store.next_id(one, AT) for one in numbered_alike for _ in range(5)]
    assert len(set(given)) == len(given)
