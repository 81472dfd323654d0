use Story; use Cart; Story::app(Cart::name())
